import { describe, expect, it } from 'vitest';
import { longestInput, mutate } from '../src/engine/mutate.js';
import { seededRandom } from '../src/engine/random.js';
import { shrink } from '../src/engine/shrink.js';

const material = { corpus: [new Uint8Array(100).fill(7)], dictionary: [Uint8Array.of(1, 2, 3)] };

describe('mutations', () => {
  it('leave the input as it is and keep the longest length', () => {
    const random = seededRandom('lengths');
    const input = Uint8Array.from({ length: 60 }, (_, index) => index);
    let [longest, changed] = [0, 0];
    for (let round = 0; round < 20_000; round++) {
      const mutated = mutate(input, random, material);
      longest = Math.max(longest, mutated.length);
      if (Buffer.compare(mutated, input) !== 0) changed += 1;
    }
    expect([...input]).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(longest).toBeGreaterThan(longestInput / 2);
    expect(longest).toBeLessThanOrEqual(longestInput);
    expect(changed).toBeGreaterThan(18_000);
  });

  it('put limits into length words, in either byte order', () => {
    const random = seededRandom('words');
    const words = new Set<number>();
    for (let round = 0; round < 20_000; round++) {
      const mutated = mutate(new Uint8Array(12), random, material);
      if (mutated.length >= 8) words.add(Buffer.from(mutated).readUInt32BE(4));
    }
    for (const word of [0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0x100])
      expect(words, String(word)).toContain(word);
  });

  it('work on nothing', () => {
    const random = seededRandom('empty');
    for (let round = 0; round < 2_000; round++)
      mutate(new Uint8Array(0), random, { corpus: [], dictionary: [] });
  });
});

describe('shrinking', () => {
  it('cuts out all that does not matter', async () => {
    const input = Uint8Array.from({ length: 200 }, (_, index) => index);
    const small = await shrink(input, 1_000, async (bytes) => bytes.includes(17) && bytes.includes(150));
    expect([...small]).toEqual([17, 150]);
  });

  it('gives up after the tries that it has', async () => {
    let tries = 0;
    await shrink(new Uint8Array(1_000), 10, async () => {
      tries += 1;
      return false;
    });
    expect(tries).toBe(10);
  });
});
