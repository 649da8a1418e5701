import { randomFillSync } from 'node:crypto';
import { CryptoError } from '../errors.js';
import { createRandomPool } from '../random-pool.js';

export const random = createRandomPool((target) => {
  try {
    randomFillSync(target);
  } catch (cause) {
    throw new CryptoError('E_NO_RANDOM', 'The generator of the operating system failed.', { cause });
  }
});
