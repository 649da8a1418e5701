import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../src/index.js';
import { MemoryLog } from '../src/memory-log.js';

const PLENTY = { count: 1 << 20, bytes: 1 << 30 };

const sizes = fc.oneof(fc.nat(8), fc.integer({ min: 1_000, max: 1_050 }));
const appends = sizes.map((size) => ({ kind: 'append', size }) as const);
const removals = fc.constant({ kind: 'remove' } as const);
const reads = fc
  .record({ after: fc.nat(400), count: fc.integer({ min: 1, max: 90 }), bytes: fc.nat(3_000) })
  .map((read) => ({ kind: 'read', ...read }) as const);
const steps = fc.oneof(
  { weight: 6, arbitrary: appends },
  { weight: 3, arbitrary: removals },
  { weight: 1, arbitrary: reads },
);

/** Its bytes are all the same, so that two are compared fast. */
function inShort({ order, timestamp, json }: LogEntry): string {
  const fill = json.every((byte) => byte === json[0]) ? json[0] : 'mixed';
  return `${order} ${timestamp} ${json.length} ${fill}`;
}

describe('memory log', () => {
  it('gives what a plain list of its entries would give', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 300, maxLength: 400 }), (script) => {
        const log = new MemoryLog();
        const all: LogEntry[] = [];
        let removed = 0;
        for (const step of script) {
          if (step.kind === 'append') {
            const timestamp = all.length + 0.5;
            const json = new Uint8Array(step.size).fill(all.length);
            const order = log.append(json, timestamp);
            all.push({ order, timestamp, json: json.slice() });
          } else if (step.kind === 'remove') {
            const gone = removed < all.length ? all[removed++] : undefined;
            expect(log.removeOldest()).toBe(gone === undefined ? 0 : gone.json.length + 256);
          } else {
            const { entries, removedUpTo, head } = log.read(BigInt(step.after), step);
            expect([removedUpTo, head]).toEqual([BigInt(removed), BigInt(all.length)]);
            const expected: typeof all = [];
            let room = step.bytes;
            for (const entry of all.slice(Math.max(removed, step.after)).slice(0, step.count)) {
              room -= entry.json.length;
              if (room < 0 && expected.length > 0) break;
              expected.push(entry);
            }
            expect(entries.map(inShort)).toEqual(expected.map(inShort));
          }
          expect(log.length).toBe(all.length - removed);
        }
        expect(log.read(0n, PLENTY).entries.map(inShort)).toEqual(all.slice(removed).map(inShort));
      }),
      { numRuns: 30 },
    );
  });

  it('leaves what it gave out as it was, whatever comes and goes afterwards', () => {
    const log = new MemoryLog();
    const given: { json: Uint8Array; copy: Uint8Array }[] = [];
    for (let n = 0; n < 500; n++) {
      log.append(new Uint8Array(1 + (n % 40)).fill(n), 0);
      if (n % 3 === 0) log.removeOldest();
      for (const { json } of log.read(BigInt(n - 2), PLENTY).entries)
        given.push({ json, copy: json.slice() });
    }
    for (const { json, copy } of given) expect(json).toEqual(copy);
  });

  it('never writes to an array that was handed in', () => {
    const log = new MemoryLog();
    const handed = Array.from({ length: 10 }, (_, n) => new Uint8Array(8).fill(n));
    for (const json of handed) log.append(json, 0);
    expect(handed).toEqual(Array.from({ length: 10 }, (_, n) => new Uint8Array(8).fill(n)));
  });

  it('keeps at most three times the bytes of what it holds, however much was removed before', () => {
    const log = new MemoryLog();
    for (let n = 0; n < 640; n++) log.append(new Uint8Array(1_000), 0);
    while (log.length > 1) {
      log.removeOldest();
      const buffers = new Set(log.read(0n, PLENTY).entries.map(({ json }) => json.buffer));
      const held = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(held).toBeLessThanOrEqual(3 * 1_000 * log.length);
    }
  });
});
