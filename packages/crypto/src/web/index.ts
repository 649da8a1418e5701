import { createCrypto } from '../provider.js';
import type { Crypto } from '../types.js';
import { createDecryptor, createEncryptor } from './aes.js';
import { hkdfSha512, hmacSha256, sha256, sha512 } from './digest.js';
import { random } from './random.js';
import { rsa } from './rsa.js';

/** WebCrypto for RSA and randomness, noble for the rest, because a frame must be sealed synchronously. */
export const crypto: Crypto = createCrypto({
  name: 'web',
  random,
  sha256,
  sha512,
  hmacSha256,
  hkdfSha512,
  rsa,
  createEncryptor,
  createDecryptor,
});
