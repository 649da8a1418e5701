import { CryptoError } from '../errors.js';
import { createRandomPool } from '../random-pool.js';

export const random = createRandomPool((target) => {
  try {
    globalThis.crypto.getRandomValues(target);
  } catch (cause) {
    throw new CryptoError(
      'E_NO_RANDOM',
      'crypto.getRandomValues() is missing or failed, and nothing may take its place. Load a polyfill that draws from the operating system.',
      { cause },
    );
  }
});
