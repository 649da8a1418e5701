import { describe, expect, it } from 'vitest';
import { alternate } from '../src/lab/alternate.js';
import { Arrivals } from '../src/lab/arrivals.js';
import { ratio, repeated } from '../src/lab/figures.js';
import { payloadBytes, trade } from '../src/lab/payload.js';
import { PushLoop } from '../src/lab/push-plan.js';
import { decodeByHand, encodeByHand } from '../src/loops/hand-written-codec.js';
import { rows } from '../src/loops/row.js';
import { decodeTuned, encodeTuned } from '../src/loops/tuned-codec.js';
import { encodings } from '../src/loops/xdr.js';

describe('alternate', () => {
  it('lets each contestant begin and come last', async () => {
    const ran: string[] = [];
    const runner = (name: string) => async () => ({ turn: ran.push(name) });
    const outcome = await alternate({ a: runner('a'), b: runner('b'), c: runner('c') }, 4);
    expect(ran.join('')).toBe('abcacbcabcba');
    expect(outcome.b.turn).toEqual([2, 6, 9, 11]);
  });

  it('refuses what is no number', async () => {
    await expect(alternate({ a: async () => ({ rate: 0 / 0 }) }, 1)).rejects.toThrow('rate of a is NaN');
  });
});

describe('a ratio', () => {
  it('is taken within each repetition, and its median told', () => {
    const figure = ratio('a : b', [10, 40, 90], [10, 20, 30], { least: 1.5 });
    expect(figure).toMatchObject({ value: 2, spread: [1, 3], unit: '×', least: 1.5, timing: true });
    expect(repeated('x', [3, 1, 2], 's')).toMatchObject({ value: 2, spread: [1, 3] });
  });
});

describe('a trade', () => {
  it('has a JSON of 200 bytes, whatever its number', () => {
    for (const n of [0, 7, 123_456_789]) expect(JSON.stringify(trade(n)).length).toBe(payloadBytes);
    expect(JSON.stringify(trade(1, 1)).length).toBe(payloadBytes);
  });
});

describe('a push', () => {
  it('gives each client the same messages, the last one marked', async () => {
    const got: string[] = [];
    const pusher = {
      send: (payload: { n: number; last: number }, client: number | undefined) =>
        got.push(`${client}:${payload.n % 1_000}${payload.last === 1 ? '!' : ''}`),
      room: () => undefined,
    };
    const loop = new PushLoop();
    const first = await loop.run({ clients: 2, ms: 0, burst: 2 }, pusher);
    const second = await loop.run({ clients: 2, ms: 0, burst: 1, together: true }, pusher);
    expect(got).toEqual(['0:0', '0:1!', '1:0', '1:1!', 'undefined:2!']);
    expect([first.count, second.count]).toEqual([4, 2]);
  });
});

describe('arrivals', () => {
  it('are complete when every receiver has had the last message', async () => {
    const arrivals = new Arrivals();
    const [one, other] = [arrivals.receiver(), arrivals.receiver()];
    const next = arrivals.next();
    one(trade(0, 1));
    expect(await Promise.race([next, Promise.resolve('not yet')])).toBe('not yet');
    other(trade(0, 1));
    expect(await next).toBeGreaterThan(0);
  });

  it('fail at a message that is missing or comes twice', async () => {
    for (const n of [0, 2]) {
      const arrivals = new Arrivals();
      const receive = arrivals.receiver();
      receive(trade(0));
      receive(trade(n));
      await expect(arrivals.next()).rejects.toThrow('the message after 0');
    }
  });
});

describe('the codecs that are compared', () => {
  it('write the same bytes and read the same values', () => {
    for (const row of rows) {
      const { ours, theirs } = encodings(row);
      expect(theirs).toEqual(ours);
      for (const [encode, decode] of [
        [encodeByHand, decodeByHand],
        [encodeTuned, decodeTuned],
      ] as const) {
        const bytes = new Uint8Array(256);
        expect(bytes.subarray(0, encode(row, bytes))).toEqual(ours);
        expect(decode(ours)).toEqual(row);
        expect(() => decode(ours.subarray(1))).toThrow(RangeError);
      }
    }
  });
});
