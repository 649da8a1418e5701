/** Seeded randomness. What one concern draws never shifts what another draws: each has a fork of its own. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** @throws RangeError if the list is empty */
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Uint8Array;
  /** An independent generator; the same name gives the same one again. */
  fork(name: string): Random;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by a hash of the text. */
export function seededRandom(seed: number | string): Random {
  let [a, b, c, counter] = wordsOf(String(seed));
  const word = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) word();
  const next = (): number => word() / 2 ** 32;
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const item = list[between(0, list.length - 1)];
      if (item === undefined) throw new RangeError('nothing can be picked from an empty list');
      return item;
    },
    bytes: (length) => Uint8Array.from({ length }, () => word() & 0xff),
    fork: (name) => seededRandom(`${seed}/${name}`),
  };
}

function wordsOf(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    words[0] = Math.imul(words[0] ^ unit, 0x85ebca6b);
    words[1] = Math.imul(words[1] ^ (unit + words[0]), 0xc2b2ae35);
    words[2] = Math.imul(words[2] ^ (words[1] >>> 15), 0x27d4eb2f) + unit;
  }
  return words;
}
