import { BLOCK, bound, copyKey, destroyed, MAX_CALL_BYTES, sum } from './aes-key.js';
import type { CbcDecryptor } from './backend.js';
import { CryptoError } from './errors.js';
import { isPadded } from './padding.js';
import type { CipherOptions, Opener } from './types.js';

/** What `openEach` decrypts at once: a plaintext that is kept keeps no more than that in memory beside it. */
const RUN_BYTES = 16_384;

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

  *openEach(frames: readonly Uint8Array[], accept?: Accept): Generator<Uint8Array, void> {
    for (let from = 0; from < frames.length; ) {
      const lengths = this.#lengthsOfRun(frames, from);
      const run = frames.slice(from, from + lengths.length);
      const opened = this.#guarded((key) => this.#decrypt(key, run, lengths));
      let offset = 0;
      for (const frame of run) {
        yield this.#accepted(frame, opened, offset, accept);
        offset += frame.length;
      }
      from += run.length;
    }
  }

  destroy(): void {
    this.#key?.fill(0);
    this.#key = undefined;
    this.#decryptor = undefined;
  }

  #open(frames: readonly Uint8Array[], accept?: Accept): Uint8Array[] {
    return this.#guarded((key) => {
      if (frames.length === 0) return [];
      const lengths = frames.map(({ length }) => length);
      const opened = this.#decrypt(key, frames, lengths);
      let offset = 0;
      return frames.map((frame) => {
        offset += frame.length;
        return accepted(frame, opened, offset - frame.length, accept);
      });
    });
  }

  /** Whatever goes wrong in `work` is the end of this opener. */
  #guarded<T>(work: (key: Uint8Array) => T): T {
    if (this.#key === undefined) throw this.#failed ? refused() : destroyed();
    try {
      return work(this.#key);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** `accepted`, guarded, without a function for each frame. */
  #accepted(frame: Uint8Array, opened: Uint8Array, offset: number, accept: Accept | undefined): Uint8Array {
    if (this.#key === undefined) throw this.#failed ? refused() : destroyed();
    try {
      return accepted(frame, opened, offset, accept);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(error: unknown): unknown {
    this.#failed = true;
    this.destroy();
    // Only a fault of this program, not of the frame, may look different: accept() itself threw.
    return error instanceof Rejected ? refused() : error;
  }

  /** Of frames that one call decrypts, up to a bad one. A bad one comes alone. */
  #lengthsOfRun(frames: readonly Uint8Array[], from: number): number[] {
    const lengths: number[] = [];
    let room = Math.min(RUN_BYTES, this.#maxCallBytes);
    for (let i = from; i < frames.length; i++) {
      const { length } = frames[i]!;
      room -= length;
      if (lengths.length > 0 && (room < 0 || !isWhole(length))) break;
      lengths.push(length);
    }
    return lengths;
  }

  #decrypt(key: Uint8Array, frames: readonly Uint8Array[], lengths: readonly number[]): Uint8Array {
    const total = sum(lengths);
    if (!lengths.every(isWhole) || total > this.#maxCallBytes) throw new Rejected();
    this.#decryptor ??= this.#create(key);
    return this.#decryptor.decrypt(frames.length === 1 ? frames[0]! : join(frames, total), lengths);
  }
}

/** A length that is no whole number of blocks would leave a rest in a long-lived cipher and garble what follows. */
function isWhole(length: number): boolean {
  return length >= 2 * BLOCK && length % BLOCK === 0;
}

/** The plaintext of the frame that lies at `offset` of what was opened. */
function accepted(
  frame: Uint8Array,
  opened: Uint8Array,
  offset: number,
  accept: Accept | undefined,
): Uint8Array {
  const start = offset + BLOCK;
  const end = offset + frame.length;
  if (accept !== undefined && !accept(frame.subarray(0, BLOCK), opened.subarray(start, end))) {
    throw new Rejected();
  }
  if (!isPadded(opened, end)) throw new Rejected();
  return opened.subarray(start, end - opened[end - 1]!);
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
