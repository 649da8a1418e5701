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
  let wanted: CbcEncryptor['encryptWithIvs'] | undefined;
  return {
    // IV = E(R xor the block before): R is uniform, so the IV is, and both are fixed before any byte of it leaves.
    encrypt(laidOut) {
      drawn ??= createCipheriv('aes-256-cbc', key, random.bytes(BLOCK)).setAutoPadding(false);
      return plain(drawn.update(laidOut));
    },
    encryptWithIvs(laidOut, lengths) {
      wanted ??= createWantedIvCipher(key);
      return wanted(laidOut, lengths);
    },
  };
}

/**
 * The block before a frame is known, and so is the IV that must come out: what must go in is D(IV) xor the block
 * before, since E(D(IV)) = IV. Neither that nor D(IV) may leave. Each frame depends on the one before, so there is
 * one call for each; only the D(IV) of a batch come from a single call.
 */
function createWantedIvCipher(key: Uint8Array): CbcEncryptor['encryptWithIvs'] {
  const before = new Uint8Array(BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, before).setAutoPadding(false);
  const inverse = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return (laidOut, lengths) => {
    const decryptedIvs = inverse.update(gatherIvs(laidOut, lengths));
    const frames = new Uint8Array(laidOut.length);
    let offset = 0;
    for (let i = 0; i < lengths.length; i++) {
      const end = offset + lengths[i]!;
      for (let j = 0; j < BLOCK; j++) laidOut[offset + j] = decryptedIvs[i * BLOCK + j]! ^ before[j]!;
      frames.set(cipher.update(laidOut.subarray(offset, end)), offset);
      for (let j = 0; j < BLOCK; j++) before[j] = frames[end - BLOCK + j]!;
      offset = end;
    }
    return frames;
  };
}

function gatherIvs(laidOut: Uint8Array, lengths: readonly number[]): Uint8Array {
  const ivs = new Uint8Array(lengths.length * BLOCK);
  let offset = 0;
  for (let i = 0; i < lengths.length; i++) {
    for (let j = 0; j < BLOCK; j++) ivs[i * BLOCK + j] = laidOut[offset + j]!;
    offset += lengths[i]!;
  }
  return ivs;
}

/** One decipher object for the life of the key; what it makes of an IV is meaningless and is wiped. */
export function createDecryptor(key: Uint8Array): CbcDecryptor {
  const decipher = createDecipheriv('aes-256-cbc', key, new Uint8Array(BLOCK)).setAutoPadding(false);
  return {
    decrypt(frames, lengths) {
      const opened = plain(decipher.update(frames));
      let offset = 0;
      for (const length of lengths) {
        // A loop: for so few bytes a call of `fill` takes longer.
        for (let i = offset; i < offset + BLOCK; i++) opened[i] = 0;
        offset += length;
      }
      return opened;
    },
  };
}
