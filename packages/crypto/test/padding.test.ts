import { describe, expect, it } from 'vitest';
import { isPadded, paddedLength, padInto } from '../src/padding.js';

describe('padding', () => {
  it('adds 1 to 16 bytes up to a whole number of blocks', () => {
    expect([0, 1, 15, 16, 17, 31, 32, 65_535].map(paddedLength)).toEqual([
      16, 16, 16, 32, 32, 32, 48, 65_536,
    ]);
  });

  it('writes bytes that name their number, and nothing else', () => {
    const target = new Uint8Array(20).fill(0xee);
    padInto(target, 2, Uint8Array.of(1, 2, 3));
    expect([...target]).toEqual([0xee, 0xee, 1, 2, 3, ...new Array(13).fill(13), 0xee, 0xee]);
  });

  it('is recognised exactly when it is right, whatever byte is at whatever place [S48]', () => {
    const isRight = (block: Uint8Array) => {
      const n = block[15] ?? 0;
      return n >= 1 && n <= 16 && block.subarray(16 - n).every((byte) => byte === n);
    };
    const wrong: Uint8Array[] = [];
    for (let last = 0; last < 256; last++) {
      for (let place = 0; place < 16; place++) {
        for (const other of [0, last, last ^ 1, last ^ 0x80, 255]) {
          const block = new Uint8Array(16).fill(last);
          block[place] = other;
          if (isPadded(block, 16) !== isRight(block)) wrong.push(block);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('looks at the block that ends where it is told', () => {
    const bytes = Uint8Array.of(...new Array(16).fill(16), ...new Array(16).fill(0));
    expect([isPadded(bytes, 16), isPadded(bytes, 32)]).toEqual([true, false]);
  });
});
