import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/demo/plan.js';
import { seededRandom } from '../../src/demo/random.js';

describe('a plan', () => {
  it('is the same for the same seed and another one for another', () => {
    expect(makePlan(seededRandom(7))).toEqual(makePlan(seededRandom(7)));
    expect(makePlan(seededRandom(7))).not.toEqual(makePlan(seededRandom(8)));
  });

  it('has the same traffic for every seed, and eight cuts of which two are in a handshake', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const plan = makePlan(seededRandom(seed));
      const calls = plan.filter(({ line }) => line.startsWith('rpc '));
      expect(plan.length - calls.length).toBe(400);
      expect(calls).toHaveLength(60);
      const cuts = plan.flatMap((step) => step.cuts);
      expect(cuts.filter(({ kind }) => kind === 'traffic')).toHaveLength(6);
      expect(cuts.filter(({ kind }) => kind === 'handshake')).toHaveLength(2);
      // The last part of the traffic finds a whole link.
      expect(plan.findLastIndex((step) => step.cuts.length > 0)).toBeLessThan(plan.length * 0.86);
    }
  });
});

describe('seeded numbers', () => {
  it('lie in [0, 1) and spread', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const value = random();
      expect(value >= 0 && value < 1).toBe(true);
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
