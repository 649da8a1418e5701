import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode, encode, Reader, string, struct, varOpaque } from '../src/index.js';
import { hex } from './support.js';

const codec = struct({ name: string(), data: varOpaque() });
const value = { name: 'é', data: Uint8Array.of(1, 2, 3) };
const bytes = hex('00000002 c3a90000 00000003 01020300');
const NodeBuffer: unknown = Reflect.get(globalThis, 'Buffer');

describe('without Buffer', () => {
  beforeEach(() => {
    Reflect.deleteProperty(globalThis, 'Buffer');
  });
  afterEach(() => {
    Reflect.set(globalThis, 'Buffer', NodeBuffer);
  });

  it('codes text and bytes', () => {
    const global: unknown = Reflect.get(globalThis, 'Buffer');
    const encoded = encode(codec, value);
    const decoded = decode(codec, encoded);
    expect(global).toBeUndefined();
    expect(encoded).toEqual(bytes);
    expect(decoded).toEqual(value);
  });
});

describe('a subclass of Uint8Array, such as Buffer', () => {
  class Subclass extends Uint8Array {}
  const input = new Subclass(bytes);

  it('gives opaques that are plain arrays, as copies and as views', () => {
    for (const copy of [true, false]) {
      const { data } = decode(codec, input, { copy });
      expect(data.constructor).toBe(Uint8Array);
      expect(data.buffer === input.buffer).toBe(!copy);
    }
  });

  it('is encoded as its bytes', () => {
    const data = new Reader(encode(varOpaque(), new Subclass([7]))).varOpaque();
    expect(data).toEqual(Uint8Array.of(7));
  });
});
