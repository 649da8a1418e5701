import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  publicEncrypt,
  sign,
  verify,
  webcrypto,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { RsaEngine, RsaFacts, RsaPrivateEngine, RsaPublicEngine } from '../backend.js';
import { CryptoError } from '../errors.js';
import type { RsaNumbers } from '../key-file.js';
import { plain } from './bytes.js';

const generateOffThread = promisify(generateKeyPair);

function pss(key: KeyObject, { saltLength }: RsaFacts) {
  // The salt length is always named: the default of verify() accepts any.
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

async function importPublic(
  _spki: Uint8Array,
  facts: RsaFacts,
  { n, e }: RsaNumbers,
): Promise<RsaPublicEngine> {
  // OpenSSL tries decoder after decoder on a file; numbers need none, which takes a tenth of the time.
  const jwk = { kty: 'RSA', n: asBuffer(n).toString('base64url'), e: asBuffer(e).toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const encryption = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
  const verification = pss(key, facts);
  return {
    async encrypt(plaintext) {
      return plain(publicEncrypt(encryption, plaintext));
    },
    // On this thread: handing a verification to the thread pool takes longer than the verification.
    async verify(data, signature) {
      return verify('sha512', data, verification, signature);
    },
  };
}

async function importPrivate(pkcs8: Uint8Array, facts: RsaFacts): Promise<RsaPrivateEngine> {
  const key = createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' });
  const signing = pss(key, facts);
  // privateDecrypt() exists only on this thread; WebCrypto decrypts on the thread pool.
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' };
  const decryption = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['decrypt']);
  return {
    async decrypt(ciphertext) {
      return new Uint8Array(await webcrypto.subtle.decrypt({ name: 'RSA-OAEP' }, decryption, ciphertext));
    },
    async sign(data) {
      return new Promise((resolve, reject) => {
        sign('sha512', data, signing, (error, signature) =>
          error ? reject(error) : resolve(plain(signature)),
        );
      });
    },
    async exportPkcs8() {
      return plain(key.export({ format: 'der', type: 'pkcs8' }));
    },
  };
}

function decryptPkcs8(der: Uint8Array, passphrase: string): Uint8Array {
  try {
    const key = createPrivateKey({ key: asBuffer(der), format: 'der', type: 'pkcs8', passphrase });
    return plain(key.export({ format: 'der', type: 'pkcs8' }));
  } catch (cause) {
    throw new CryptoError('E_KEY_PASSPHRASE', 'The key cannot be decrypted: the passphrase is wrong.', {
      cause,
    });
  }
}

async function generate(modulusBits: number): Promise<Uint8Array> {
  const { privateKey } = await generateOffThread('rsa', {
    modulusLength: modulusBits,
    publicExponent: 65537,
  });
  return plain(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const rsa: RsaEngine = { importPublic, importPrivate, decryptPkcs8, generate };
