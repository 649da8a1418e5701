import { seededRandom } from '@sealwire/testing';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/demo/plan.js';

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
