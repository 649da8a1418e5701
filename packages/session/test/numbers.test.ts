import { describe, expect, it } from 'vitest';
import { firstRequestId, lastSequence, randomRequestId } from '../src/index.js';
import { xorshift } from './support/bytes.js';

describe('numbers', () => {
  it('of messages end where those of requests begin', () => {
    expect([lastSequence, firstRequestId]).toEqual([2n ** 62n - 1n, 2n ** 62n]);
  });

  it('of requests are drawn from 2^62 to 2^63 - 1', () => {
    expect(randomRequestId((length) => new Uint8Array(length))).toBe(2n ** 62n);
    expect(randomRequestId((length) => new Uint8Array(length).fill(0xff))).toBe(2n ** 63n - 1n);
    const random = xorshift(7);
    const drawn = new Set(Array.from({ length: 1_000 }, () => randomRequestId(random)));
    expect(drawn.size).toBe(1_000);
    expect([...drawn].every((id) => id >= 2n ** 62n && id < 2n ** 63n)).toBe(true);
  });

  it('may be drawn from a part of a buffer', () => {
    const pool = Uint8Array.of(9, 9, 0, 0, 0, 0, 0, 0, 0, 5, 9);
    expect(randomRequestId(() => pool.subarray(2, 10))).toBe(2n ** 62n + 5n);
  });
});
