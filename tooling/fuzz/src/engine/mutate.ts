import type { Random } from './random.js';

/** Larger inputs are made on purpose and seldom: they find what grows too fast. */
const usualLength = 4_096;
export const longestInput = 65_536;

/** Values at which lengths, counts and HYPERs change their meaning. */
const interesting = [
  0n,
  1n,
  2n,
  3n,
  4n,
  15n,
  16n,
  17n,
  31n,
  32n,
  63n,
  64n,
  65n,
  127n,
  128n,
  255n,
  256n,
  1024n,
  4095n,
  4096n,
  65_535n,
  65_536n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 62n - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 2n,
  2n ** 64n - 1n,
];

export interface Material {
  /** Of which parts may be spliced in. Not empty. */
  readonly corpus: readonly Uint8Array[];
  readonly dictionary: readonly Uint8Array[];
}

/** One to eight changes of a copy of `input`. */
export function mutate(input: Uint8Array, random: Random, material: Material): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let left = 1 + random.below(random.oneIn(4) ? 8 : 3); left > 0; left--) {
    bytes = random.pick(mutations)(bytes, random, material);
  }
  if (random.oneIn(512)) bytes = amplify(bytes, random);
  else if (bytes.length > usualLength && !random.oneIn(16)) bytes = bytes.subarray(0, usualLength);
  return bytes.subarray(0, longestInput);
}

type Mutation = (bytes: Uint8Array, random: Random, material: Material) => Uint8Array;

/** In place: the bytes belong to the mutation. */
const flipBit: Mutation = (bytes, random) => {
  if (bytes.length > 0) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

/** An interesting number of 1, 2, 4 or 8 bytes, mostly big-endian and aligned as XDR has them. */
const setNumber: Mutation = (bytes, random) => {
  const size = random.pick([1, 2, 4, 4, 4, 8]);
  if (bytes.length < size) return bytes;
  const at = place(bytes, size, random);
  const value = random.oneIn(4)
    ? BigInt(bytes.length - at - size) + BigInt(random.below(9) - 4)
    : random.pick(interesting);
  writeNumber(bytes, at, size, value, random.oneIn(4));
  return bytes;
};

const addToNumber: Mutation = (bytes, random) => {
  const size = random.pick([1, 4, 8]);
  if (bytes.length < size) return bytes;
  const at = place(bytes, size, random);
  let value = 0n;
  for (let index = 0; index < size; index++) value = (value << 8n) | BigInt(bytes[at + index] ?? 0);
  writeNumber(bytes, at, size, value + BigInt(random.below(33) - 16), false);
  return bytes;
};

const remove: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
};

const duplicate: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  const at = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at));
};

const insertRandom: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const more = random.oneIn(2)
    ? random.bytes(1 + random.below(8))
    : new Uint8Array(1 + random.below(16)).fill(random.below(256));
  return joined(bytes.subarray(0, at), more, bytes.subarray(at));
};

const insertWord: Mutation = (bytes, random, { dictionary }) => {
  if (dictionary.length === 0) return setNumber(bytes, random, { corpus: [], dictionary });
  const word = random.pick(dictionary);
  const at = random.below(bytes.length + 1);
  const after = random.oneIn(2) ? at : Math.min(bytes.length, at + word.length);
  return joined(bytes.subarray(0, at), word, bytes.subarray(after));
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const splice: Mutation = (bytes, random, { corpus }) => {
  if (corpus.length === 0) return bytes;
  const other = random.pick(corpus);
  const [from, to] = range(other, random);
  const at = random.below(bytes.length + 1);
  const after = random.oneIn(2) ? at : Math.min(bytes.length, at + to - from);
  return joined(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(after));
};

const cross: Mutation = (bytes, random, { corpus }) => {
  if (corpus.length === 0) return bytes;
  const other = random.pick(corpus);
  return joined(
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  );
};

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setNumber,
  setNumber,
  setNumber,
  addToNumber,
  remove,
  duplicate,
  insertRandom,
  insertWord,
  insertWord,
  truncate,
  splice,
  cross,
];

/** One part again and again, up to the largest input. */
function amplify(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = range(bytes, random);
  // What other mutations made too long is cut when all of them are done.
  if (from === to || bytes.length > longestInput) return bytes;
  const large = new Uint8Array(longestInput);
  large.set(bytes.subarray(0, from));
  let at = from;
  for (; at + to - from <= longestInput - (bytes.length - to); at += to - from)
    large.set(bytes.subarray(from, to), at);
  large.set(bytes.subarray(to), at);
  return large.subarray(0, at + bytes.length - to);
}

function place(bytes: Uint8Array, size: number, random: Random): number {
  const at = random.below(bytes.length - size + 1);
  return size >= 4 && !random.oneIn(3) ? at - (at % 4) : at;
}

function writeNumber(
  bytes: Uint8Array,
  at: number,
  size: number,
  value: bigint,
  littleEndian: boolean,
): void {
  let rest = BigInt.asUintN(64, value);
  for (let index = 0; index < size; index++, rest >>= 8n) {
    bytes[littleEndian ? at + index : at + size - 1 - index] = Number(rest & 0xffn);
  }
}

/** Mostly short. */
function range(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const longest = random.oneIn(3) ? bytes.length : Math.min(bytes.length, 16);
  const length = random.below(longest + 1);
  const from = random.below(bytes.length - length + 1);
  return [from, from + length];
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
