import { cbc } from '@noble/ciphers/aes.js';
import type { CbcDecryptor, CbcEncryptor } from '../backend.js';

const BLOCK = 16;
/** Padding is removed by our own check, after whatever else has to be verified. */
const RAW = { disablePadding: true };

/**
 * One cipher for each frame, keyed anew: WebCrypto's AES is asynchronous and cannot leave the padding alone.
 * Tables make its timing depend on key and data to whoever shares the processor's cache; where `node:crypto`
 * exists, that is the better choice.
 */
export function createEncryptor(key: Uint8Array): CbcEncryptor {
  function encryptEach(laidOut: Uint8Array, lengths: readonly number[]): Uint8Array {
    const frames = new Uint8Array(laidOut.length);
    let offset = 0;
    for (const length of lengths) {
      const iv = laidOut.subarray(offset, offset + BLOCK);
      const end = offset + length;
      frames.set(iv, offset);
      cbc(key, iv, RAW).encrypt(laidOut.subarray(offset + BLOCK, end), frames.subarray(offset + BLOCK, end));
      offset = end;
    }
    return frames;
  }
  return { encrypt: encryptEach, encryptWithIvs: encryptEach };
}

export function createDecryptor(key: Uint8Array): CbcDecryptor {
  return {
    decrypt(frames, lengths) {
      const opened = new Uint8Array(frames.length);
      let offset = 0;
      for (const length of lengths) {
        const iv = frames.subarray(offset, offset + BLOCK);
        const end = offset + length;
        cbc(key, iv, RAW).decrypt(frames.subarray(offset + BLOCK, end), opened.subarray(offset + BLOCK, end));
        offset = end;
      }
      return opened;
    },
  };
}
