import { describe, expect, test } from 'vitest';
import { compare, threshold, welch } from '../src/timing/welch.js';

/** Measurements about `middle`, some of them far too slow. */
function measurements(count: number, middle: number, seed: number): number[] {
  let state = seed;
  // Mulberry32.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const more = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from(
    { length: count },
    () => middle + 10 * (next() + next() + next()) + (next() > 0.99 ? 5_000 : 0),
  );
}

describe("Welch's t [S82]", () => {
  test('is that of a textbook', () => {
    // Mean 3, variance 2.5 and mean 6, variance 10, five of each: -3 / sqrt(2.5).
    expect(welch([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])).toBeCloseTo(-3 / Math.sqrt(2.5), 12);
  });

  test('stays below the threshold for what does not differ', () => {
    for (let seed = 1; seed < 20; seed++) {
      const { t, tCropped } = compare(measurements(2_000, 100, seed), measurements(2_000, 100, seed + 1_000));
      expect(Math.abs(t)).toBeLessThan(threshold);
      expect(Math.abs(tCropped)).toBeLessThan(threshold);
    }
  });

  test('sees a small difference under rare large ones once those are cropped', () => {
    const { tCropped } = compare(measurements(5_000, 100, 1), measurements(5_000, 101, 2));
    expect(Math.abs(tCropped)).toBeGreaterThan(threshold);
  });
});
