import { describe, expect, it } from 'vitest';
import { createRandomPool } from '../src/random-pool.js';

/** A generator that counts: no four bytes of it are ever the same as four others at a multiple of four. */
function countingSource() {
  let next = 0;
  const draws: number[] = [];
  const source = createRandomPool((target) => {
    draws.push(target.length);
    const view = new DataView(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < target.length; i += 4) view.setUint32(i, next++);
  });
  return { source, draws };
}

describe('the pool of random bytes', () => {
  it('hands out every byte once', () => {
    const { source } = countingSource();
    const seen = new Set<number>();
    let words = 0;
    for (let i = 0; i < 3000; i++) {
      const bytes = source.bytes((i % 100) * 4);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < bytes.length; at += 4, words++) seen.add(view.getUint32(at));
    }
    expect(seen.size).toBe(words);
  });

  it('draws seldom for short results and never more than 4096 bytes at a time', () => {
    const { source, draws } = countingSource();
    for (let i = 0; i < 256; i++) source.bytes(16);
    expect(draws).toEqual([4096]);
    source.bytes(10_000);
    expect(draws).toEqual([4096, 4096, 4096, 4096]);
  });

  it('fills the wanted range and nothing around it', () => {
    const { source } = countingSource();
    source.bytes(8);
    const target = new Uint8Array(12).fill(0xee);
    source.fill(target, 4, 4);
    expect([...target]).toEqual([0xee, 0xee, 0xee, 0xee, 0, 0, 0, 2, 0xee, 0xee, 0xee, 0xee]);
  });

  it('hands out nothing when the generator fails, also at a later draw [S47]', () => {
    let left = 1;
    const source = createRandomPool((target) => {
      if (left-- === 0) throw new Error('exhausted');
      target.fill(1);
    });
    for (let i = 0; i < 256; i++) source.bytes(16);
    for (let i = 0; i < 2; i++) {
      left = 0;
      expect(() => source.bytes(16)).toThrow('exhausted');
    }
  });
});
