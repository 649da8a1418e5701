import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfMessage, LOG_HEADER, MOST_SHARED, messagesIn, viewOf } from '../src/log-row.js';
import { RowBuffer } from '../src/rows.js';

describe('a row of the log', () => {
  it('takes messages of one client in one piece until it is full, and is never larger for it', () => {
    const message = fc.record({
      client: fc.constantFrom(1, 1, 1, 1, 2),
      jump: fc.constantFrom(1n, 1n, 1n, 1n, 1n, 7n),
      size: fc.oneof(fc.nat(300), fc.nat(3_000)),
      between: fc.constantFrom(false, false, false, false, true),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60, size: 'max' }), (script) => {
        const buffer = new RowBuffer();
        const rows = new Map<number, { client: number; orders: bigint[]; sizes: number[] }>();
        let order = 0n;
        for (const { client, jump, size, between } of script) {
          order += jump;
          if (between) buffer.remove(Buffer.of(9));
          const row = buffer.log(client, 0, order, 0, 0, new Uint8Array(size));
          const held = rows.get(row) ?? { client, orders: [], sizes: [] };
          expect(held.client).toBe(client);
          held.orders.push(order);
          held.sizes.push(size);
          rows.set(row, held);
        }
        for (const [row, { orders, sizes }] of rows) {
          expect(buffer.sizes(row)).toEqual(sizes);
          expect(orders.at(-1)! - orders[0]!).toBe(BigInt(orders.length - 1));
          if (orders.length > 1) expect(buffer.valueLength(row)).toBeLessThanOrEqual(MOST_SHARED);
        }
      }),
    );
    const buffer = new RowBuffer();
    const six = [1n, 2n, 3n, 4n, 5n, 6n].map((order) => buffer.log(1, 0, order, 0, 0, new Uint8Array(200)));
    expect(new Set(six)).toEqual(new Set([0]));
  });

  it('of any bytes is read as messages that fill it, or as none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80, size: 'max' }), fc.boolean(), (bytes, small) => {
        const view = viewOf(bytes);
        // Lengths that fit would hardly ever come up.
        if (small)
          for (let at = LOG_HEADER; at + 4 <= bytes.length; at += 4) view.setUint32(at, bytes[at]! % 9, true);
        const messages = messagesIn(view, 0, bytes.length);
        const ends = messages.map((message) => endOfMessage(view, message));
        if (messages.length > 0) expect([...messages, bytes.length]).toEqual([LOG_HEADER, ...ends]);
      }),
    );
  });
});
