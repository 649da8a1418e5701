import { type Crypto, CryptoError, crypto as realCrypto } from '@sealwire/crypto';
import { cannotOpen } from './errors.js';

/** Before each sealed plaintext. Not zero: that is a heartbeat. */
const seal = 0x5a;

export function sealed(plaintext: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + plaintext.length);
  frame[0] = seal;
  frame.set(plaintext, 1);
  return frame;
}

export function opened(frame: Uint8Array): Uint8Array {
  if (frame[0] !== seal) throw cannotOpen();
  return frame.subarray(1);
}

/** Cryptography that a mutation does not destroy: what is fuzzed is what lies behind it. */
export const stubCrypto: Crypto = {
  ...realCrypto,
  randomBytes: (length) => Uint8Array.from({ length }, (_, index) => 0x80 | (index * 37)),
  createSealer(key) {
    const own = checkedKey(key);
    let gone = false;
    const sealOne = (plaintext: Uint8Array): Uint8Array => {
      if (gone) throw new CryptoError('E_DESTROYED', 'the sealer was destroyed');
      return sealed(plaintext);
    };
    return {
      seal: sealOne,
      sealBatch: (plaintexts) => plaintexts.map(sealOne),
      sealWithIv: sealOne,
      sealDerived: sealOne,
      sealDerivedBatch: (plaintexts) => plaintexts.map(sealOne),
      destroy() {
        gone = true;
        own.fill(0);
      },
    };
  },
  createOpener(key) {
    checkedKey(key);
    let failed = false;
    const open = (frame: Uint8Array): Uint8Array => {
      if (failed) throw cannotOpen();
      failed = frame[0] !== seal;
      return opened(frame);
    };
    return {
      open,
      openBatch: (frames) => frames.map(open),
      openVerified: open,
      openVerifiedBatch: (frames) => frames.map(open),
      *openEach(frames) {
        for (const frame of frames) yield open(frame);
      },
      destroy() {
        failed = true;
      },
    };
  },
};

/** As the real ones refuse keys. */
function checkedKey(key: Uint8Array): Uint8Array {
  if (key.length !== 32 || key.every((byte) => byte === key[0])) {
    throw new CryptoError('E_AES_KEY', 'not a key');
  }
  return key.slice();
}
