import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromBase64, lessThan, timingSafeEqual, toBase64 } from '../src/bytes.js';

describe('timingSafeEqual', () => {
  it('says whether all bytes are the same', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(timingSafeEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(timingSafeEqual(a, a.slice())).toBe(true);
      }),
    );
  });

  it('sees each single bit', () => {
    const a = new Uint8Array(32);
    for (let bit = 0; bit < 256; bit++) {
      const b = a.slice();
      b[bit >> 3]! ^= 1 << (bit & 7);
      expect(timingSafeEqual(a, b)).toBe(false);
    }
  });

  it('says no to different lengths', () => {
    expect(timingSafeEqual(new Uint8Array(3), new Uint8Array(4))).toBe(false);
  });
});

describe('lessThan', () => {
  it('compares big-endian numbers', () => {
    const number = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const value = (bytes: Uint8Array) => Buffer.from(bytes).readUInt32BE();
    fc.assert(fc.property(number, number, (a, b) => lessThan(a, b) === value(a) < value(b)));
    expect(lessThan(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(false);
  });
});

describe('base64', () => {
  it('is written and read as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['A', 'AA', 'AAA', 'AA=', 'A===', 'AA==AA==', 'AB==', 'AAB=', 'AA A', 'AA\n==', 'AA-_', 'AAA=\n'])(
    'is refused when it is %j',
    (text) => expect(fromBase64(text)).toBeUndefined(),
  );
});

describe('concatBytes', () => {
  it('joins any number of parts', () => {
    expect(concatBytes()).toEqual(new Uint8Array());
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });
});
