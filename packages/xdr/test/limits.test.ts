import { describe, expect, it } from 'vitest';
import {
  array,
  type Codec,
  decode,
  encode,
  hyper,
  int,
  lazy,
  optional,
  string,
  struct,
  varArray,
  varOpaque,
  voidType,
} from '../src/index.js';
import { expectRefusal, refusal } from './support.js';

interface List {
  next?: List | undefined;
}
const list: Codec<List> = struct({ next: optional(lazy(() => list)) });

function listOf(length: number): List {
  let head: List = {};
  for (let i = 0; i < length; i += 1) head = { next: head };
  return head;
}

function withLength(length: number, rest: number): Uint8Array {
  const bytes = new Uint8Array(4 + rest);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

describe('a length word', () => {
  const codecs: [string, Codec<unknown>, number][] = [
    ['opaque', varOpaque() as Codec<unknown>, 1],
    ['string', string() as Codec<unknown>, 1],
    ['array of int', varArray(int) as Codec<unknown>, 4],
    ['array of hyper', varArray(hyper) as Codec<unknown>, 8],
    ['array of array', varArray(varArray(int)) as Codec<unknown>, 4],
  ];

  it.each(codecs)('of %s beyond what is left is refused where it stands [S68]', (_, codec, size) => {
    for (const rest of [0, 8, 64]) {
      for (const length of [rest / size + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
        expectRefusal(() => decode(codec, withLength(Math.floor(length), rest)), 'E_TRUNCATED', '', 0);
      }
    }
  });

  it('of 2^32 - 1 elements of no size is refused before they are made [S68]', () => {
    const codec = varArray(voidType, 2 ** 32 - 1);
    expectRefusal(() => decode(codec, withLength(2 ** 32 - 1, 0)), 'E_MAX_BYTES');
    expectRefusal(() => decode(array(voidType, 2 ** 32 - 1), new Uint8Array(0)), 'E_MAX_BYTES');
  });
});

describe('maxBytes of decode', () => {
  it('counts the bytes of strings and of copied opaques', () => {
    const codec = struct({ text: string(), data: varOpaque() });
    const bytes = encode(codec, { text: 'abcd', data: new Uint8Array(10) });
    const needed = 2 * 8 + 4 + 10;
    expect(decode(codec, bytes, { maxBytes: needed }).data).toHaveLength(10);
    expectRefusal(() => decode(codec, bytes, { maxBytes: needed - 1 }), 'E_MAX_BYTES', 'data');
    expect(decode(codec, bytes, { maxBytes: needed - 10, copy: false }).data).toHaveLength(10);
  });

  it('counts eight bytes for each element', () => {
    const bytes = encode(varArray(int), [1, 2, 3]);
    expect(decode(varArray(int), bytes, { maxBytes: 24 })).toEqual([1, 2, 3]);
    expectRefusal(() => decode(varArray(int), bytes, { maxBytes: 23 }), 'E_MAX_BYTES');
  });

  it('adds up over the whole value', () => {
    const rows = varArray(varArray(voidType, 100), 100);
    const bytes = encode(
      rows,
      Array.from({ length: 100 }, () => Array<undefined>(100).fill(undefined)),
    );
    expect(decode(rows, bytes)).toHaveLength(100);
    expectRefusal(() => decode(rows, bytes, { maxBytes: 40_000 }), 'E_MAX_BYTES', '[49]');
  });
});

describe('maxDepth', () => {
  it('allows 256 levels and no more by default', () => {
    const deepest = listOf(256);
    const bytes = encode(list, deepest);
    expect(decode(list, bytes)).toEqual(deepest);

    expect(refusal(() => encode(list, listOf(257))).code).toBe('E_DEPTH');
    const deeper = encode(list, listOf(257), { maxDepth: 257 });
    expect(refusal(() => decode(list, deeper)).code).toBe('E_DEPTH');
    expect(decode(list, deeper, { maxDepth: 257 })).toEqual(listOf(257));
  });

  it('counts levels, not values', () => {
    const tree: Codec<{ children: unknown[] }> = struct({
      children: varArray(lazy(() => tree as Codec<unknown>)),
    });
    const wide = { children: Array.from({ length: 1000 }, () => ({ children: [] })) };
    expect(decode(tree, encode(tree, wide, { maxDepth: 1 }), { maxDepth: 1 })).toEqual(wide);
  });

  it('ends a value that contains itself', () => {
    const loop: List = {};
    loop.next = loop;
    expect(refusal(() => encode(list, loop)).code).toBe('E_DEPTH');
  });

  it('ends input that nests as deep as it is long', () => {
    const bytes = new Uint8Array(400_000);
    for (let i = 3; i < bytes.length; i += 4) bytes[i] = 1;
    expect(refusal(() => decode(list, bytes)).path).toBe(Array(41).fill('next').join('.'));
  });
});
