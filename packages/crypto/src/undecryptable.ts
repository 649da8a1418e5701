import { CryptoError } from './errors.js';

/** One for every bad ciphertext and every kind of key. */
export function undecryptable(): CryptoError {
  return new CryptoError('E_DECRYPT', 'The ciphertext was not encrypted to this key, or it was altered.');
}
