import { type Crypto, type Opener, type Sealer, timingSafeEqual } from '@sealwire/crypto';

/** Seals what one side of a session sends, in the order of the calls. */
export type FrameSealer = Pick<Sealer, 'sealBatch' | 'destroy'>;

/** Opens what one side of a session receives, in the order of its arrival. */
export interface FrameOpener extends Pick<Opener, 'open' | 'destroy'> {
  /** Opens one frame each time that it is asked, in order, and so gives what comes before a bad one. */
  openEach(frames: readonly Uint8Array[]): Generator<Uint8Array, void>;
}

const ivBytes = 16;

/**
 * The IVs of one direction of a hardened session: the first 16 bytes of HMAC-SHA-256(macKey, u64 number || padded),
 * where number counts the sealed frames from 0. It makes CBC an authenticated encryption (the SIV composition), and
 * a frame that is altered, repeated, moved or left out is refused.
 */
class SyntheticIvs {
  readonly #crypto: Crypto;
  readonly #macKey: Uint8Array;
  readonly #number = new Uint8Array(8);
  readonly #view = new DataView(this.#number.buffer);
  #next: bigint;

  constructor(crypto: Crypto, macKey: Uint8Array, first: bigint) {
    this.#crypto = crypto;
    this.#macKey = Uint8Array.from(macKey);
    this.#next = first;
  }

  /** Counts. */
  next(padded: Uint8Array): Uint8Array {
    this.#view.setBigUint64(0, this.#next);
    this.#next += 1n;
    return this.#crypto.hmacSha256(this.#macKey, this.#number, padded).subarray(0, ivBytes);
  }

  destroy(): void {
    this.#macKey.fill(0);
  }
}

/** @param first number of the first frame; not 0 in tests only */
export function syntheticSealer(crypto: Crypto, sealer: Sealer, macKey: Uint8Array, first = 0n): FrameSealer {
  const ivs = new SyntheticIvs(crypto, macKey, first);
  const derive = (padded: Uint8Array): Uint8Array => ivs.next(padded);
  return {
    // A frame that was counted and not sealed leaves a gap: the session ends when this throws.
    sealBatch: (plaintexts) => sealer.sealDerivedBatch(plaintexts, derive),
    destroy() {
      sealer.destroy();
      ivs.destroy();
    },
  };
}

/** @param first number of the first frame; not 0 in tests only */
export function syntheticOpener(crypto: Crypto, opener: Opener, macKey: Uint8Array, first = 0n): FrameOpener {
  const ivs = new SyntheticIvs(crypto, macKey, first);
  const accept = (iv: Uint8Array, padded: Uint8Array): boolean => timingSafeEqual(iv, ivs.next(padded));
  return {
    open: (frame) => opener.openVerified(frame, accept),
    openEach: (frames) => opener.openEach(frames, accept),
    destroy() {
      opener.destroy();
      ivs.destroy();
    },
  };
}
