import { XdrError, type XdrErrorCode } from './errors.js';
import { checkedLimit, DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, MAX_LENGTH } from './limits.js';
import { encodeUtf8, utf8Length } from './utf8.js';

export interface WriterOptions {
  /** Bytes to allocate at first, 256 by default. The buffer doubles when it is full. */
  readonly capacity?: number;
  /** Bytes beyond which the writer refuses to grow (`E_MAX_BYTES`), 16 MiB by default. */
  readonly maxBytes?: number;
  /** Write into these bytes and nowhere else (`E_TARGET_FULL`); excludes `capacity` and `maxBytes`. */
  readonly target?: Uint8Array;
  /** Where in `target` to begin, 0 by default. */
  readonly offset?: number;
  /** Recursion through `lazy`, 256 by default (`E_DEPTH`). */
  readonly maxDepth?: number;
}

/**
 * Writes XDR (RFC 4506) into a buffer that grows, or into the caller's. Reusable: `reset()` starts again
 * in the same memory. After an error the content is not a valid encoding; `reset()` before the next use.
 */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #position: number;
  readonly #start: number;
  /** 0 for a caller's buffer, which never grows. */
  readonly #maxBytes: number;
  readonly #maxDepth: number;
  #depth = 0;

  constructor(options: WriterOptions = {}) {
    const { target, offset = 0, maxDepth = DEFAULT_MAX_DEPTH } = options;
    this.#maxDepth = checkedLimit('maxDepth', maxDepth);
    this.#start = checkedLimit('offset', offset);
    this.#position = offset;
    if (target !== undefined) {
      if (options.capacity !== undefined || options.maxBytes !== undefined) {
        throw new XdrError('E_OPTION', 'target excludes capacity and maxBytes: it never grows');
      }
      if (offset > target.length) throw new XdrError('E_OPTION', 'offset lies beyond the target');
      this.#bytes = target;
      this.#maxBytes = 0;
    } else {
      if (offset !== 0) throw new XdrError('E_OPTION', 'offset needs a target');
      this.#maxBytes = checkedLimit('maxBytes', options.maxBytes ?? DEFAULT_MAX_BYTES);
      const capacity = checkedLimit('capacity', options.capacity ?? 256);
      this.#bytes = new Uint8Array(Math.min(capacity, this.#maxBytes));
    }
    this.#view = viewOf(this.#bytes);
  }

  /** Bytes written since the start or the last `reset()`. */
  get position(): number {
    return this.#position - this.#start;
  }

  /** What is written so far: a view, valid until the next write or `reset()`. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#start, this.position);
  }

  /** Starts again in the same memory; what was written stays in it until overwritten. */
  reset(): void {
    this.#position = this.#start;
    this.#depth = 0;
  }

  /** Signed 32 bit; also what RFC 4506 calls `enum`. */
  int32(value: number): void {
    if (typeof value !== 'number' || (value | 0) !== value) this.#refuseNumber('int', value);
    const at = this.#claim(4);
    this.#view.setInt32(at, value);
  }

  uint32(value: number): void {
    if (typeof value !== 'number' || value >>> 0 !== value) this.#refuseNumber('unsigned int', value);
    const at = this.#claim(4);
    this.#view.setUint32(at, value);
  }

  /** `hyper`. A number is refused: it cannot hold every value, and would hide that until one is lost. */
  int64(value: bigint): void {
    if (typeof value !== 'bigint') this.fail('E_TYPE', 'hyper takes a bigint');
    if (BigInt.asIntN(64, value) !== value) this.fail('E_RANGE', 'hyper must fit in 64 bits, signed');
    const at = this.#claim(8);
    this.#view.setBigInt64(at, value);
  }

  /** `unsigned hyper`. */
  uint64(value: bigint): void {
    if (typeof value !== 'bigint') this.fail('E_TYPE', 'unsigned hyper takes a bigint');
    if (BigInt.asUintN(64, value) !== value) {
      this.fail('E_RANGE', 'unsigned hyper must be from 0 to 2^64 - 1');
    }
    const at = this.#claim(8);
    this.#view.setBigUint64(at, value);
  }

  /** `float`: rounds to the nearest binary32, and to an infinity beyond the largest. */
  float32(value: number): void {
    if (typeof value !== 'number') this.fail('E_TYPE', 'float takes a number');
    const at = this.#claim(4);
    this.#view.setFloat32(at, value);
  }

  float64(value: number): void {
    if (typeof value !== 'number') this.fail('E_TYPE', 'double takes a number');
    const at = this.#claim(8);
    this.#view.setFloat64(at, value);
  }

  bool(value: boolean): void {
    if (typeof value !== 'boolean') this.fail('E_TYPE', 'bool takes true or false');
    this.uint32(value ? 1 : 0);
  }

  /** Fixed-length opaque: the bytes, of which there must be `length`, and their padding. */
  opaque(value: Uint8Array, length?: number): void {
    if (!isBytes(value)) this.fail('E_TYPE', 'opaque takes a Uint8Array');
    if (length !== undefined && value.length !== length)
      this.fail('E_LENGTH', `the opaque must have ${length} bytes`);
    const at = this.#claimPadded(value.length);
    this.#bytes.set(value, at);
  }

  /** Variable-length opaque of at most `maxLength` bytes: length word, bytes, padding. */
  varOpaque(value: Uint8Array, maxLength = MAX_LENGTH): void {
    if (!isBytes(value)) this.fail('E_TYPE', 'opaque takes a Uint8Array');
    this.length(value.length, maxLength);
    const at = this.#claimPadded(value.length);
    this.#bytes.set(value, at);
  }

  /** `string` as strict UTF-8 of at most `maxLength` bytes; a lone surrogate is refused. */
  string(value: string, maxLength = MAX_LENGTH): void {
    if (typeof value !== 'string') this.fail('E_TYPE', 'string takes a string');
    const length = utf8Length(value);
    if (length < 0) this.fail('E_UTF8', 'the text holds a lone surrogate, which UTF-8 cannot express');
    this.length(length, maxLength);
    const at = this.#claimPadded(length);
    encodeUtf8(value, this.#bytes.subarray(at, at + length));
  }

  /** The length word of a variable opaque, string or array. */
  length(length: number, maxLength = MAX_LENGTH): void {
    if (length > maxLength) this.#refuseLength(maxLength);
    this.uint32(length);
  }

  /**
   * Begins a variable opaque whose content is written next, in place. Give the result to `closeOpaque`;
   * sections nest.
   */
  openOpaque(): number {
    this.uint32(0);
    return this.position;
  }

  /** Ends the section that `openOpaque` began: fills in its length. XDR content never needs padding. */
  closeOpaque(mark: number, maxLength = MAX_LENGTH): void {
    const length = this.position - mark;
    if (!(mark >= 4 && length >= 0)) this.fail('E_OPTION', 'closeOpaque needs the mark of openOpaque');
    if (length > maxLength) this.#refuseLength(maxLength);
    this.#view.setUint32(this.#start + mark - 4, length);
  }

  /** Counts one level of recursion; for codecs that refer to themselves. */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      this.fail('E_DEPTH', `the value nests deeper than maxDepth, ${this.#maxDepth}`);
    }
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Throws an `XdrError` that carries the present position. */
  fail(code: XdrErrorCode, reason: string): never {
    throw new XdrError(code, reason, this.position);
  }

  /** Makes room for `size` bytes and returns the index of the first. */
  #claim(size: number): number {
    const at = this.#position;
    const end = at + size;
    if (end > this.#bytes.length) this.#grow(end);
    this.#position = end;
    return at;
  }

  /** As `#claim`, for `length` bytes and their padding, which is zeroed here: the memory may be used. */
  #claimPadded(length: number): number {
    const padding = -length & 3;
    const at = this.#claim(length + padding);
    for (let i = this.#position - padding; i < this.#position; i += 1) this.#bytes[i] = 0;
    return at;
  }

  #grow(end: number): void {
    if (this.#maxBytes === 0) this.fail('E_TARGET_FULL', 'the value does not fit into the target');
    if (end > this.#maxBytes) {
      this.fail('E_MAX_BYTES', `the encoding is longer than maxBytes, ${this.#maxBytes}`);
    }
    const grown = new Uint8Array(Math.min(Math.max(end, 2 * this.#bytes.length), this.#maxBytes));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  #refuseLength(maxLength: number): never {
    this.fail('E_LENGTH', `the length is above the maximum of ${maxLength}`);
  }

  #refuseNumber(type: string, value: unknown): never {
    if (typeof value !== 'number') this.fail('E_TYPE', `${type} takes a number`);
    this.fail('E_RANGE', `${type} must be a whole number within 32 bits`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Also true for arrays made in another realm, such as a test runner's or an iframe's. */
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}
