import { BLOCK, bound, copyKey, destroyed, MAX_CALL_BYTES, sum } from './aes-key.js';
import type { CbcDecryptor } from './backend.js';
import { CryptoError } from './errors.js';
import { isPadded } from './padding.js';
import type { CipherOptions, Opener } from './types.js';

type Accept = (iv: Uint8Array, padded: Uint8Array) => boolean;

export class FrameOpener implements Opener {
  #key: Uint8Array | undefined;
  #decryptor: CbcDecryptor | undefined;
  #failed = false;
  readonly #create: (key: Uint8Array) => CbcDecryptor;
  readonly #maxCallBytes: number;

  constructor(key: Uint8Array, options: CipherOptions, create: (key: Uint8Array) => CbcDecryptor) {
    this.#key = copyKey(key);
    this.#maxCallBytes = bound('maxCallBytes', options.maxCallBytes, MAX_CALL_BYTES);
    this.#create = create;
  }

  open(frame: Uint8Array): Uint8Array {
    return this.#open([frame])[0]!;
  }

  openBatch(frames: readonly Uint8Array[]): Uint8Array[] {
    return this.#open(frames);
  }

  openVerified(frame: Uint8Array, accept: Accept): Uint8Array {
    return this.#open([frame], accept)[0]!;
  }

  openVerifiedBatch(frames: readonly Uint8Array[], accept: Accept): Uint8Array[] {
    return this.#open(frames, accept);
  }

  destroy(): void {
    this.#key?.fill(0);
    this.#key = undefined;
    this.#decryptor = undefined;
  }

  #open(frames: readonly Uint8Array[], accept?: Accept): Uint8Array[] {
    if (this.#key === undefined) throw this.#failed ? refused() : destroyed();
    if (frames.length === 0) return [];
    try {
      return this.#openAll(this.#key, frames, accept);
    } catch (error) {
      this.#failed = true;
      this.destroy();
      // Only a fault of this program, not of the frame, may look different: accept() itself threw.
      throw error instanceof Rejected ? refused() : error;
    }
  }

  #openAll(key: Uint8Array, frames: readonly Uint8Array[], accept: Accept | undefined): Uint8Array[] {
    const lengths: number[] = [];
    for (const { length } of frames) {
      // A length that is no whole number of blocks would leave a rest in a long-lived cipher and garble what follows.
      if (length < 2 * BLOCK || length % BLOCK !== 0) throw new Rejected();
      lengths.push(length);
    }
    const total = sum(lengths);
    if (total > this.#maxCallBytes) throw new Rejected();
    this.#decryptor ??= this.#create(key);
    const opened = this.#decryptor.decrypt(frames.length === 1 ? frames[0]! : join(frames, total), lengths);
    const plaintexts: Uint8Array[] = [];
    let offset = 0;
    for (let i = 0; i < frames.length; i++) {
      const start = offset + BLOCK;
      const end = offset + lengths[i]!;
      if (accept !== undefined && !accept(frames[i]!.subarray(0, BLOCK), opened.subarray(start, end))) {
        throw new Rejected();
      }
      if (!isPadded(opened, end)) throw new Rejected();
      plaintexts.push(opened.subarray(start, end - opened[end - 1]!));
      offset = end;
    }
    return plaintexts;
  }
}

/** Marks a frame as bad inside this file; callers see one `E_OPEN`. */
class Rejected extends Error {}

function refused(): CryptoError {
  return new CryptoError(
    'E_OPEN',
    'The frame cannot be opened. End the session: nothing on it can be trusted any more.',
  );
}

function join(frames: readonly Uint8Array[], total: number): Uint8Array {
  const joined = new Uint8Array(total);
  let offset = 0;
  for (const frame of frames) {
    joined.set(frame, offset);
    offset += frame.length;
  }
  return joined;
}
