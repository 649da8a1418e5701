import type { CbcDecryptor, CbcEncryptor, RandomSource } from './backend.js';
import { CryptoError } from './errors.js';
import { isPadded, paddedLength, padInto } from './padding.js';
import type { CipherOptions, Opener, Sealer, SealerOptions } from './types.js';

const BLOCK = 16;
/** CBC under one key starts to leak near 2^64 blocks; 2^32 leaves a wide margin and is a terabit of traffic. */
const MAX_BLOCKS = 2 ** 32;
const MAX_CALL_BYTES = 2 ** 24;

export class FrameSealer implements Sealer {
  #key: Uint8Array | undefined;
  #encryptor: CbcEncryptor | undefined;
  #blocksLeft: number;
  readonly #create: (key: Uint8Array) => CbcEncryptor;
  readonly #random: RandomSource;
  readonly #maxCallBytes: number;

  constructor(
    key: Uint8Array,
    options: SealerOptions,
    create: (key: Uint8Array) => CbcEncryptor,
    random: RandomSource,
  ) {
    this.#key = copyKey(key);
    this.#blocksLeft = bound('maxBlocks', options.maxBlocks, MAX_BLOCKS);
    this.#maxCallBytes = bound('maxCallBytes', options.maxCallBytes, MAX_CALL_BYTES);
    this.#create = create;
    this.#random = random;
  }

  seal(plaintext: Uint8Array): Uint8Array {
    return this.#sealDrawn([plaintext])[0]!;
  }

  sealBatch(plaintexts: readonly Uint8Array[]): Uint8Array[] {
    return this.#sealDrawn(plaintexts);
  }

  sealWithIv(plaintext: Uint8Array, iv: Uint8Array): Uint8Array {
    return this.#sealDerived([plaintext], () => iv)[0]!;
  }

  sealDerived(plaintext: Uint8Array, deriveIv: DeriveIv): Uint8Array {
    return this.#sealDerived([plaintext], deriveIv)[0]!;
  }

  sealDerivedBatch(plaintexts: readonly Uint8Array[], deriveIv: DeriveIv): Uint8Array[] {
    return this.#sealDerived(plaintexts, deriveIv);
  }

  destroy(): void {
    this.#key?.fill(0);
    this.#key = undefined;
    this.#encryptor = undefined;
  }

  #sealDrawn(plaintexts: readonly Uint8Array[]): Uint8Array[] {
    const lengths = frameLengths(plaintexts);
    const laidOut = new Uint8Array(this.#spend(lengths));
    let offset = 0;
    for (let i = 0; i < plaintexts.length; i++) {
      this.#random.fill(laidOut, offset, BLOCK);
      padInto(laidOut, offset + BLOCK, plaintexts[i]!);
      offset += lengths[i]!;
    }
    const frames = this.#cipher().encrypt(laidOut, lengths);
    laidOut.fill(0);
    return split(frames, lengths);
  }

  #sealDerived(plaintexts: readonly Uint8Array[], deriveIv: DeriveIv): Uint8Array[] {
    const lengths = frameLengths(plaintexts);
    const laidOut = new Uint8Array(this.#spend(lengths));
    let offset = 0;
    for (let i = 0; i < plaintexts.length; i++) {
      const start = offset + BLOCK;
      const end = offset + lengths[i]!;
      padInto(laidOut, start, plaintexts[i]!);
      const iv = deriveIv(laidOut.subarray(start, end));
      if (iv.length !== BLOCK) throw new CryptoError('E_ARGUMENT', 'An IV has 16 bytes.');
      laidOut.set(iv, offset);
      offset = end;
    }
    const frames = this.#cipher().encryptWithIvs(laidOut, lengths);
    laidOut.fill(0);
    return split(frames, lengths);
  }

  /** Counts the blocks before anything is allocated or encrypted. */
  #spend(lengths: readonly number[]): number {
    if (this.#key === undefined) throw destroyed();
    const bytes = sum(lengths);
    if (bytes > this.#maxCallBytes) {
      throw new CryptoError(
        'E_TOO_LONG',
        `${bytes} bytes in one call are more than maxCallBytes (${this.#maxCallBytes}). Send less at a time.`,
      );
    }
    if (bytes / BLOCK > this.#blocksLeft) {
      throw new CryptoError(
        'E_EXHAUSTED',
        'This key has sealed as many blocks as it may. Start a new session with a new key.',
      );
    }
    this.#blocksLeft -= bytes / BLOCK;
    return bytes;
  }

  /** Made at the first frame: a session that is idle costs its key only. */
  #cipher(): CbcEncryptor {
    if (this.#key === undefined) throw destroyed();
    this.#encryptor ??= this.#create(this.#key);
    return this.#encryptor;
  }
}

type DeriveIv = (padded: Uint8Array) => Uint8Array;
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

function destroyed(): CryptoError {
  return new CryptoError('E_DESTROYED', 'The key was destroyed. Make a new sealer or opener with a new key.');
}

function copyKey(key: Uint8Array): Uint8Array {
  if (!(key instanceof Uint8Array) || key.length !== 32) {
    throw new CryptoError('E_AES_KEY', 'An AES-256 key has exactly 32 bytes.');
  }
  if (key.every((byte) => byte === key[0])) {
    throw new CryptoError(
      'E_AES_KEY',
      'All bytes of the AES key are the same: it was never filled. Use randomBytes(32).',
    );
  }
  return Uint8Array.from(key);
}

function bound(name: string, value: number | undefined, maximum: number): number {
  const chosen = value ?? maximum;
  if (!Number.isInteger(chosen) || chosen < 1 || chosen > maximum) {
    throw new CryptoError('E_ARGUMENT', `${name} is a whole number from 1 to ${maximum}.`);
  }
  return chosen;
}

function frameLengths(plaintexts: readonly Uint8Array[]): number[] {
  return plaintexts.map((plaintext) => BLOCK + paddedLength(plaintext.length));
}

function sum(lengths: readonly number[]): number {
  let total = 0;
  for (const length of lengths) total += length;
  return total;
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

function split(joined: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  if (lengths.length === 1) return [joined];
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return joined.subarray(offset - length, offset);
  });
}
