import type { Backend } from './backend.js';
import { CryptoError } from './errors.js';
import { generateKeyPair, importPrivateKey, importPublicKey } from './keys.js';
import { FrameOpener } from './opener.js';
import { FrameSealer } from './sealer.js';
import type { Crypto } from './types.js';

const MAX_RANDOM = 2 ** 20;
/** RFC 5869, section 2.3: 255 hash outputs of 64 bytes. */
const MAX_HKDF = 255 * 64;

/** Puts the checks, which are the same everywhere, in front of the primitives of one back end. */
export function createCrypto(backend: Backend): Crypto {
  return Object.freeze<Crypto>({
    backend: backend.name,
    randomBytes(length) {
      checkLength('length', length, 0, MAX_RANDOM);
      return backend.random.bytes(length);
    },
    sha256: backend.sha256,
    sha512: backend.sha512,
    hmacSha256: backend.hmacSha256,
    hkdfSha512(ikm, salt, info, length) {
      checkLength('length', length, 1, MAX_HKDF);
      return backend.hkdfSha512(ikm, salt, info, length);
    },
    importPublicKey: (key, options) => importPublicKey(backend, key, options),
    importPrivateKey: (key, options) => importPrivateKey(backend, key, options),
    generateKeyPair: (options) => generateKeyPair(backend, options),
    createSealer: (key, options = {}) =>
      new FrameSealer(key, options, backend.createEncryptor, backend.random),
    createOpener: (key, options = {}) => new FrameOpener(key, options, backend.createDecryptor),
  });
}

function checkLength(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CryptoError('E_ARGUMENT', `${name} is a whole number from ${least} to ${most}.`);
  }
}
