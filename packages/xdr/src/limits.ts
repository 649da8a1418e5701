import { XdrError } from './errors.js';

/** Largest length word there is; the RFC's meaning of an array or opaque without a stated maximum. */
export const MAX_LENGTH = 0xffff_ffff;

/** Recursion through `lazy` that neither side goes beyond: far below the smallest usual call stack. */
export const DEFAULT_MAX_DEPTH = 256;

/** 16 MiB, the largest message of the protocols this was made for. */
export const DEFAULT_MAX_BYTES = 0x100_0000;

/** Returns `value` if it is a whole number from 0 to 2^32 - 1. */
export function checkedLimit(name: string, value: number): number {
  if (value >>> 0 !== value) {
    throw new XdrError('E_OPTION', `${name} must be from 0 to 2^32 - 1`);
  }
  return value;
}
