import { BLOCK, bound, copyKey, destroyed, MAX_CALL_BYTES, sum } from './aes-key.js';
import type { CbcEncryptor, RandomSource } from './backend.js';
import { CryptoError } from './errors.js';
import { paddedLength, padInto } from './padding.js';
import type { Sealer, SealerOptions } from './types.js';

/** CBC under one key starts to leak near 2^64 blocks; 2^32 leaves a wide margin and is 64 GiB of frames. */
const MAX_BLOCKS = 2 ** 32;

type DeriveIv = (padded: Uint8Array) => Uint8Array;

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
    const laidOut = workspace(this.#spend(lengths));
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

/** Nothing stays in it from one call to the next. For batches: a new one for each would take longer than a frame. */
const shared = new Uint8Array(65_536);

function workspace(size: number): Uint8Array {
  return size <= shared.length ? shared.subarray(0, size) : new Uint8Array(size);
}

function frameLengths(plaintexts: readonly Uint8Array[]): number[] {
  return plaintexts.map((plaintext) => BLOCK + paddedLength(plaintext.length));
}

function split(joined: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  if (lengths.length === 1) return [joined];
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return joined.subarray(offset - length, offset);
  });
}
