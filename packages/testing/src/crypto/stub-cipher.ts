import { CryptoError, type Opener, type Sealer } from '@sealwire/crypto';
import { digest, readWord, writeWord } from './digest.js';
import { takeBytes } from './slab.js';

/** As long as an IV: position, key, content, length. */
const header = 16;
const block = 16;

/**
 * Frames of the lengths of AES-CBC, bound to their key, their content and their position: a frame that comes twice, out
 * of order or under another key does not open. With a derived IV all of that is up to the IV, as with the real cipher.
 */
export function stubSealer(key: Uint8Array): Sealer {
  const keyDigest = digest(1, key);
  let position = 0;
  let destroyed = false;
  const seal = (plaintext: Uint8Array): Uint8Array => {
    if (destroyed) throw new CryptoError('E_DESTROYED', 'the sealer was destroyed');
    const padded = plaintext.length + block - (plaintext.length % block);
    const frame = takeBytes(header + padded);
    writeWord(frame, 0, position);
    writeWord(frame, 4, keyDigest);
    writeWord(frame, 8, digest(keyDigest ^ position, plaintext));
    writeWord(frame, 12, plaintext.length);
    const mask = (keyDigest + position) & 0xff;
    for (let index = 0; index < plaintext.length; index++) {
      frame[header + index] = (plaintext[index] as number) ^ mask;
    }
    position += 1;
    return frame;
  };
  const sealDerived = (plaintext: Uint8Array, deriveIv: (padded: Uint8Array) => Uint8Array): Uint8Array => {
    if (destroyed) throw new CryptoError('E_DESTROYED', 'the sealer was destroyed');
    const padding = block - (plaintext.length % block);
    const frame = takeBytes(header + plaintext.length + padding);
    const padded = frame.subarray(header);
    padded.set(plaintext);
    padded.fill(padding, plaintext.length);
    frame.set(deriveIv(padded));
    maskWith(keyDigest, padded);
    return frame;
  };
  return {
    seal,
    sealBatch: (plaintexts) => plaintexts.map(seal),
    sealWithIv: seal,
    sealDerived,
    sealDerivedBatch: (plaintexts, deriveIv) =>
      plaintexts.map((plaintext) => sealDerived(plaintext, deriveIv)),
    destroy: () => {
      destroyed = true;
    },
  };
}

export function stubOpener(key: Uint8Array): Opener {
  const keyDigest = digest(1, key);
  let position = 0;
  let failed = false;
  const open = (frame: Uint8Array): Uint8Array => {
    const length = readWord(frame, 12);
    const expected = header + length + block - (length % block);
    if (
      !failed &&
      frame.length === expected &&
      readWord(frame, 0) === position &&
      readWord(frame, 4) === keyDigest
    ) {
      const mask = (keyDigest + position) & 0xff;
      const plaintext = takeBytes(length);
      for (let index = 0; index < length; index++)
        plaintext[index] = (frame[header + index] as number) ^ mask;
      if (readWord(frame, 8) === digest(keyDigest ^ position, plaintext)) {
        position += 1;
        return plaintext;
      }
    }
    failed = true;
    throw new CryptoError('E_OPEN', 'the frame does not open');
  };
  const openVerified = (
    frame: Uint8Array,
    accept: (iv: Uint8Array, padded: Uint8Array) => boolean,
  ): Uint8Array => {
    const padded = takeBytes(Math.max(0, frame.length - header));
    padded.set(frame.subarray(header));
    maskWith(keyDigest, padded);
    const whole = frame.length >= 2 * block && frame.length % block === 0;
    if (!failed && whole && accept(frame.subarray(0, header), padded)) {
      return padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
    }
    failed = true;
    throw new CryptoError('E_OPEN', 'the frame does not open');
  };
  return {
    open,
    openBatch: (frames) => frames.map(open),
    openVerified,
    openVerifiedBatch: (frames, accept) => frames.map((frame) => openVerified(frame, accept)),
    *openEach(frames, accept) {
      for (const frame of frames) yield accept === undefined ? open(frame) : openVerified(frame, accept);
    },
    destroy: () => {
      failed = true;
    },
  };
}

function maskWith(keyDigest: number, bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (bytes[index] as number) ^ (keyDigest & 0xff);
  }
}
