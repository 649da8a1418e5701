import { CryptoError } from './errors.js';

/** The block size of AES, and the length of an IV. */
export const BLOCK = 16;
/** The default and the maximum of `maxCallBytes`: no frame is larger than a link may carry. */
export const MAX_CALL_BYTES = 2 ** 24;

export function destroyed(): CryptoError {
  return new CryptoError('E_DESTROYED', 'The key was destroyed. Make a new sealer or opener with a new key.');
}

export function copyKey(key: Uint8Array): Uint8Array {
  if (!(key instanceof Uint8Array) || key.length !== 32) {
    throw new CryptoError('E_AES_KEY', 'An AES-256 key has exactly 32 bytes.');
  }
  if (key.every((byte) => byte === key[0])) {
    throw new CryptoError(
      'E_AES_KEY',
      'All bytes of the AES key are the same: it was never filled. Use randomBytes(32).',
    );
  }
  return Uint8Array.from(key);
}

export function bound(name: string, value: number | undefined, maximum: number): number {
  const chosen = value ?? maximum;
  if (!Number.isInteger(chosen) || chosen < 1 || chosen > maximum) {
    throw new CryptoError('E_ARGUMENT', `${name} is a whole number from 1 to ${maximum}.`);
  }
  return chosen;
}

export function sum(lengths: readonly number[]): number {
  let total = 0;
  for (const length of lengths) total += length;
  return total;
}
