import { CryptoError, type PrivateKey, type PublicKey } from '@sealwire/crypto';
import type { Random } from '../world/random.js';
import { digest, digestText, readWord, writeWord } from './digest.js';
import { takeBytes } from './slab.js';

/** Bytes of a modulus: room for a welcome with a bound challenge, and cheap to copy. */
const modulusBytes = 168;
const overhead = 42;
const header = 16;

/** Runs an RSA operation when its time has come. */
export type RunRsa = <T>(operation: () => T) => Promise<T>;

/**
 * A key that is only a name. A ciphertext opens with the key of that name alone, a signature holds for its data and that
 * name alone, and no two signatures are alike.
 */
export function stubPublicKey(name: string, random: Random, run: RunRsa): PublicKey {
  const keyDigest = digestText(name);
  return {
    modulusBits: modulusBytes * 8,
    modulusBytes,
    publicExponent: 65_537,
    maxPlaintext: modulusBytes - overhead,
    spki: Uint8Array.of(keyDigest, keyDigest >>> 8, keyDigest >>> 16, keyDigest >>> 24),
    fingerprint: `stub:${name}`,
    encrypt: (plaintext) =>
      run(() => {
        if (plaintext.length > modulusBytes - overhead)
          throw new CryptoError('E_TOO_LONG', 'too long for the key');
        const ciphertext = random.bytes(modulusBytes);
        const mask = (keyDigest ^ readWord(ciphertext, 0)) & 0xff;
        writeWord(ciphertext, 4, keyDigest);
        writeWord(ciphertext, 8, digest(keyDigest ^ readWord(ciphertext, 0), plaintext));
        writeWord(ciphertext, 12, plaintext.length);
        for (let index = 0; index < plaintext.length; index++) {
          ciphertext[header + index] = (plaintext[index] as number) ^ mask;
        }
        return ciphertext;
      }),
    verify: (data, signature) =>
      run(
        () =>
          signature.length === modulusBytes &&
          readWord(signature, 4) === keyDigest &&
          readWord(signature, 8) === digest(keyDigest ^ readWord(signature, 0), data),
      ),
    toPem: () => `stub public key ${name}`,
  };
}

export function stubPrivateKey(name: string, random: Random, run: RunRsa): PrivateKey {
  const keyDigest = digestText(name);
  return {
    publicKey: stubPublicKey(name, random, run),
    decrypt: (ciphertext) =>
      run(() => {
        const length = readWord(ciphertext, 12);
        const mask = (keyDigest ^ readWord(ciphertext, 0)) & 0xff;
        if (
          ciphertext.length === modulusBytes &&
          readWord(ciphertext, 4) === keyDigest &&
          length <= modulusBytes - overhead
        ) {
          const plaintext = ciphertext.slice(header, header + length);
          for (let index = 0; index < length; index++) plaintext[index] = (plaintext[index] as number) ^ mask;
          if (readWord(ciphertext, 8) === digest(keyDigest ^ readWord(ciphertext, 0), plaintext))
            return plaintext;
        }
        throw new CryptoError('E_DECRYPT', 'the ciphertext cannot be decrypted');
      }),
    sign: (data) =>
      run(() => {
        const signature = takeBytes(modulusBytes);
        const salt = random.bytes(8);
        signature.set(salt.subarray(0, 4), 0);
        signature.set(salt.subarray(4), 12);
        writeWord(signature, 4, keyDigest);
        writeWord(signature, 8, digest(keyDigest ^ readWord(signature, 0), data));
        return signature;
      }),
    toPem: async () => `stub private key ${name}`,
  };
}
