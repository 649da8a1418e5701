import { createCrypto } from '../provider.js';
import type { Crypto } from '../types.js';
import { createDecryptor, createEncryptor } from './aes.js';
import { hkdfSha512, hmacSha256, sha256, sha512 } from './digest.js';
import { random } from './random.js';
import { rsa } from './rsa.js';

/** `node:crypto` for everything; RSA private-key operations run on the thread pool. */
export const crypto: Crypto = createCrypto({
  name: 'node',
  random,
  sha256,
  sha512,
  hmacSha256,
  hkdfSha512,
  rsa,
  createEncryptor,
  createDecryptor,
});
