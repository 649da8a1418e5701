import type { Crypto } from '@sealwire/crypto';
import { digest, mix, writeWord } from './digest.js';

/** Hashes of the lengths of the true ones: what depends on other bytes or another key comes out otherwise. */
export const stubHash: Pick<Crypto, 'sha256' | 'sha512' | 'hmacSha256' | 'hkdfSha512'> = {
  sha256: (data) => expand(digest(0x256, data), 32),
  sha512: (data) => expand(digest(0x512, data), 64),
  hmacSha256(key, ...data) {
    let state = digest(0x4d4143, key);
    let length = 0;
    for (const part of data) {
      state = mix(state, part);
      length += part.length;
    }
    return expand(state ^ length, 32);
  },
  hkdfSha512: (ikm, salt, info, length) => expand(digest(digest(digest(0x4b4446, ikm), salt), info), length),
};

function expand(state: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let word = state;
  for (let index = 0; index < length; index += 4) {
    word = Math.imul(word ^ (word >>> 16) ^ index, 0x45d9f3b) + 0x9e3779b9;
    if (index + 4 <= length) writeWord(bytes, index, word ^ (word >>> 15));
    else bytes.fill(word >>> 24, index);
  }
  return bytes;
}
