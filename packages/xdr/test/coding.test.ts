import { describe, expect, it } from 'vitest';
import { decode, encode, encodeInto, int, string, struct, varOpaque } from '../src/index.js';
import { expectRefusal, hex, refusal, untyped } from './support.js';

const pair = struct({ id: int, data: varOpaque(8) });
const value = { id: 1, data: Uint8Array.of(2) };
const bytes = hex('00000001 00000001 02000000');

describe('encode', () => {
  it('returns a buffer of exactly the size', () => {
    const encoded = encode(pair, value);
    expect(encoded).toEqual(bytes);
    expect(encoded.buffer.byteLength).toBe(12);
  });

  it('grows beyond its capacity, and not beyond maxBytes', () => {
    const text = 'x'.repeat(1000);
    expect(encode(string(), text, { capacity: 0 })).toHaveLength(1004);
    expect(encode(string(), text, { maxBytes: 1004 })).toHaveLength(1004);
    expectRefusal(() => encode(string(), text, { maxBytes: 1003 }), 'E_FULL', '', 4);
  });
});

describe('encodeInto', () => {
  it('writes at the offset, pads with zeros and touches nothing else', () => {
    const target = new Uint8Array(20).fill(0xff);
    expect(encodeInto(pair, value, target, 4)).toBe(12);
    expect(target).toEqual(hex('ffffffff 00000001 00000001 02000000 ffffffff'));
  });

  it('fits exactly', () => {
    const target = new Uint8Array(12);
    expect(encodeInto(pair, value, target)).toBe(12);
    expect(target).toEqual(bytes);
  });

  it('refuses every target that is too small and leaves zeros where it wrote', () => {
    for (let size = 0; size < 12; size += 1) {
      const target = new Uint8Array(16).fill(0xff);
      expect(refusal(() => encodeInto(pair, value, target.subarray(2, 2 + size))).code).toBe('E_FULL');
      const written = target.subarray(2, 2 + size).filter((byte) => byte !== 0xff);
      expect(written.every((byte) => byte === 0)).toBe(true);
      expect(target.subarray(0, 2)).toEqual(hex('ffff'));
      expect(target.subarray(2 + size).every((byte) => byte === 0xff)).toBe(true);
    }
  });

  it('leaves zeros where it wrote after a value that the type does not allow', () => {
    const target = new Uint8Array(12).fill(0xff);
    expectRefusal(() => encodeInto(pair, { id: 1, data: untyped('x') }, target), 'E_TYPE', 'data', 4);
    expect(target).toEqual(hex('00000000 ffffffff ffffffff'));
  });

  it.each([-1, 1.5, 13, Number.NaN])('refuses the offset %d', (offset) => {
    expectRefusal(() => encodeInto(pair, value, new Uint8Array(12), offset), 'E_OPTION');
  });
});

describe('decode', () => {
  it('accepts the whole input only [S70]', () => {
    for (let length = 0; length < 12; length += 1) {
      expect(refusal(() => decode(pair, bytes.subarray(0, length))).code).toBe('E_TRUNCATED');
    }
    for (let more = 1; more <= 4; more += 1) {
      const longer = new Uint8Array(12 + more);
      longer.set(bytes);
      expectRefusal(() => decode(pair, longer), 'E_TRAILING', '', 12);
    }
  });

  it.each([[undefined], ['00000001'], [new ArrayBuffer(12)], [[0, 0, 0, 1]]])(
    'refuses what are not bytes',
    (input) => {
      expectRefusal(() => decode(int, untyped(input)), 'E_TYPE');
    },
  );
});
