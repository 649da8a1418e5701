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
    return this.#openOne(frame);
  }

  openBatch(frames: readonly Uint8Array[]): Uint8Array[] {
    return this.#openAll(frames);
  }

  openVerified(frame: Uint8Array, accept: Accept): Uint8Array {
    return this.#openOne(frame, accept);
  }

  openVerifiedBatch(frames: readonly Uint8Array[], accept: Accept): Uint8Array[] {
    return this.#openAll(frames, accept);
  }

  *openEach(frames: readonly Uint8Array[], accept?: Accept): Generator<Uint8Array, void> {
    for (let from = 0; from < frames.length; ) {
      const run = this.#runFrom(frames, from);
      const opened = this.#decrypt(run);
      let offset = 0;
      for (const frame of run) {
        yield this.#accept(frame, opened, offset, accept);
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

  #openOne(frame: Uint8Array, accept?: Accept): Uint8Array {
    return this.#accept(frame, this.#decrypt([frame]), 0, accept);
  }

  #openAll(frames: readonly Uint8Array[], accept?: Accept): Uint8Array[] {
    const opened = this.#decrypt(frames);
    let offset = 0;
    return frames.map((frame) => {
      offset += frame.length;
      return this.#accept(frame, opened, offset - frame.length, accept);
    });
  }

  #decrypt(frames: readonly Uint8Array[]): Uint8Array {
    const key = this.#usableKey();
    try {
      const lengths = frames.map(lengthOf);
      const total = sum(lengths);
      if (!lengths.every(isWhole) || total > this.#maxCallBytes) throw new Rejected();
      this.#decryptor ??= this.#create(key);
      return this.#decryptor.decrypt(frames.length === 1 ? frames[0]! : join(frames, total), lengths);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #accept(frame: Uint8Array, opened: Uint8Array, offset: number, accept: Accept | undefined): Uint8Array {
    this.#usableKey();
    try {
      return accepted(frame, opened, offset, accept);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #usableKey(): Uint8Array {
    if (this.#key === undefined) throw this.#failed ? refused() : destroyed();
    return this.#key;
  }

  /** Whatever goes wrong with a frame is the end of this opener. */
  #fail(error: unknown): unknown {
    this.#failed = true;
    this.destroy();
    // Only a fault of this program, not of the frame, may look different: accept() itself threw.
    return error instanceof Rejected ? refused() : error;
  }

  /** What one call decrypts: up to a bad frame, which comes alone. */
  #runFrom(frames: readonly Uint8Array[], from: number): readonly Uint8Array[] {
    let room = Math.min(RUN_BYTES, this.#maxCallBytes);
    let end = from;
    for (; end < frames.length; end++) {
      const { length } = frames[end]!;
      room -= length;
      if (end > from && (room < 0 || !isWhole(length))) break;
    }
    return frames.slice(from, end);
  }
}

function lengthOf({ length }: Uint8Array): number {
  return length;
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
