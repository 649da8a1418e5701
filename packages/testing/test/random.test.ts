import { describe, expect, it } from 'vitest';
import { seededRandom } from '../src/index.js';

const first = (seed: number | string) => {
  const random = seededRandom(seed);
  return Array.from({ length: 20 }, () => random.next());
};

describe('seeded numbers', () => {
  it('are the same for the same seed and others for another', () => {
    expect(first(7)).toEqual(first(7));
    expect(first('7')).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
  });

  it('lie in [0, 1) and spread', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('reach both ends of a range, and nothing beyond', () => {
    const random = seededRandom(2);
    const drawn = new Set(Array.from({ length: 500 }, () => random.between(-1, 2)));
    expect([...drawn].sort()).toEqual([-1, 0, 1, 2]);
    expect([...random.bytes(500)].some((byte) => byte > 250)).toBe(true);
    expect(random.bytes(5)).toHaveLength(5);
  });

  it('come from forks that do not shift one another', () => {
    const random = seededRandom(3);
    const before = random.fork('a').next();
    random.next();
    expect(random.fork('a').next()).toBe(before);
    expect(random.fork('b').next()).not.toBe(before);
  });

  it('pick nothing from nothing', () => {
    expect(() => seededRandom(4).pick([])).toThrow(RangeError);
    expect(seededRandom(4).pick(['one'])).toBe('one');
  });
});
