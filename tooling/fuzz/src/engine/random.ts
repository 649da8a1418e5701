import { seededRandom as sharedRandom } from '@sealwire/testing';

/** Seeded randomness in whole numbers. */
export interface Random {
  /** From 0 to `bound - 1`. */
  below(bound: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

export function seededRandom(seed: string): Random {
  const { between, pick, bytes } = sharedRandom(seed);
  const below = (bound: number): number => between(0, bound - 1);
  return { below, oneIn: (times) => below(times) === 0, pick, bytes };
}
