import { type Cipher, createCipheriv, createDecipheriv } from 'node:crypto';
import type { CbcDecryptor, CbcEncryptor } from '../backend.js';
import { plain } from './bytes.js';
import { random } from './random.js';

const BLOCK = 16;

/**
 * Two cipher objects that live as long as the key and are never finished, made at their first use. Each sees one
 * endless CBC message, of which every frame is a stretch: the block before a frame's ciphertext is its IV.
 */
export function createEncryptor(key: Uint8Array): CbcEncryptor {
  let drawn: Cipher | undefined;
  let wanted: ((laidOut: Uint8Array) => Uint8Array) | undefined;
  return {
    // IV = E(R xor the block before): R is uniform, so the IV is, and it is fixed before the plaintext can depend on it.
    encrypt(laidOut) {
      drawn ??= createCipheriv('aes-256-cbc', key, random.bytes(BLOCK)).setAutoPadding(false);
      return plain(drawn.update(laidOut));
    },
    encryptWithIvs(laidOut, lengths) {
      wanted ??= createWantedIvCipher(key);
      if (lengths.length === 1) return wanted(laidOut);
      const frames = new Uint8Array(laidOut.length);
      let offset = 0;
      for (const length of lengths) {
        frames.set(wanted(laidOut.subarray(offset, offset + length)), offset);
        offset += length;
      }
      return frames;
    },
  };
}

/**
 * The block before the frame is known, and so is the block that must come out: what must go in is
 * D(IV) xor the block before, since E(D(IV)) = IV. Neither D(IV) nor that block may leave.
 */
function createWantedIvCipher(key: Uint8Array): (laidOut: Uint8Array) => Uint8Array {
  const before = new Uint8Array(BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, before).setAutoPadding(false);
  const inverse = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return (laidOut) => {
    const block = inverse.update(laidOut.subarray(0, BLOCK));
    for (let i = 0; i < BLOCK; i++) laidOut[i] = block[i]! ^ before[i]!;
    const frame = plain(cipher.update(laidOut));
    before.set(frame.subarray(frame.length - BLOCK));
    return frame;
  };
}

/** One decipher object for the life of the key; what it makes of an IV is meaningless and is wiped. */
export function createDecryptor(key: Uint8Array): CbcDecryptor {
  const decipher = createDecipheriv('aes-256-cbc', key, new Uint8Array(BLOCK)).setAutoPadding(false);
  return {
    decrypt(frames, lengths) {
      const opened = plain(decipher.update(frames));
      let offset = 0;
      for (const length of lengths) {
        opened.fill(0, offset, offset + BLOCK);
        offset += length;
      }
      return opened;
    },
  };
}
