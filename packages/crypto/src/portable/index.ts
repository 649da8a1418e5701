import { createCrypto } from '../provider.js';
import type { Crypto } from '../types.js';
import { createDecryptor, createEncryptor } from '../web/aes.js';
import { hkdfSha512, hmacSha256, sha256, sha512 } from '../web/digest.js';
import { random } from '../web/random.js';
import { rsa } from './rsa.js';

/**
 * For places that have neither `node:crypto` nor WebCrypto's RSA: node-rsa for RSA, noble for the rest. It still needs
 * `crypto.getRandomValues()`. Private keys are refused unless their import says `unsafePortablePrivateKeys: true`.
 */
export const crypto: Crypto = createCrypto({
  name: 'portable',
  random,
  sha256,
  sha512,
  hmacSha256,
  hkdfSha512,
  rsa,
  createEncryptor,
  createDecryptor,
});
