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
  const random: Random = {
    next: () => word() / 2 ** 32,
    between: (low, high) => low + Math.floor((word() / 2 ** 32) * (high - low + 1)),
    chance: (probability) => word() / 2 ** 32 < probability,
    pick: (list) => {
      const item = list[Math.floor((word() / 2 ** 32) * list.length)];
      if (item === undefined) throw new RangeError('nothing can be picked from an empty list');
      return item;
    },
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let index = 0; index < length; index += 4) {
        const drawn = word();
        for (let byte = 0; byte < 4 && index + byte < length; byte++)
          bytes[index + byte] = drawn >>> (8 * byte);
      }
      return bytes;
    },
    fork: (name) => seededRandom(`${seed}/${name}`),
  };
  return random;
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
