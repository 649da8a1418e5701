import { isBytes, paddingOf } from './bytes.js';
import { XdrError, type XdrErrorCode } from './errors.js';
import { checkedLimit, DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, MAX_LENGTH } from './limits.js';
import { scratch } from './scratch.js';
import { encodeUtf8 } from './utf8.js';

export interface WriterOptions {
  /** Bytes to allocate at first, 256 by default; the buffer doubles when it is full. Not with `target`. */
  readonly capacity?: number;
  /** Bytes beyond which the buffer does not grow (`E_FULL`), 16 MiB by default. Not with `target`. */
  readonly maxBytes?: number;
  /** Write into these bytes, and refuse what does not fit (`E_FULL`). */
  readonly target?: Uint8Array;
  /** Where in `target` to begin, 0 by default. */
  readonly offset?: number;
  /** Recursion through `lazy`, 256 by default (`E_DEPTH`). */
  readonly maxDepth?: number;
}

/**
 * Writes XDR (RFC 4506) into the caller's bytes or into a buffer that grows. Reusable: `reset()` starts
 * again in the same memory. After an error the content is not a valid encoding; `reset()` before the next
 * use.
 */
export class Writer {
  #bytes: Uint8Array;
  readonly #start: number;
  #position: number;
  readonly #maxBytes: number;

  /** Levels of `lazy` that are open, and how many may be. */
  depth = 0;
  readonly maxDepth: number;

  constructor({ target, offset = 0, capacity, maxBytes, maxDepth }: WriterOptions = {}) {
    this.maxDepth = checkedLimit('maxDepth', maxDepth ?? DEFAULT_MAX_DEPTH);
    this.#maxBytes = checkedLimit('maxBytes', maxBytes ?? DEFAULT_MAX_BYTES);
    this.#bytes =
      target ?? new Uint8Array(Math.min(checkedLimit('capacity', capacity ?? 256), this.#maxBytes));
    this.#start = checkedLimit('offset', offset);
    this.#position = offset;
    if (target === undefined) {
      if (offset > 0) throw new XdrError('E_OPTION', 'offset needs a target');
      return;
    }
    if (!isBytes(target)) throw new XdrError('E_OPTION', 'target must be a Uint8Array');
    if ((capacity ?? maxBytes) !== undefined)
      throw new XdrError('E_OPTION', 'target excludes capacity and maxBytes');
    this.#maxBytes = target.length - offset;
    if (this.#maxBytes < 0) throw new XdrError('E_OPTION', 'offset beyond the target');
  }

  /** Bytes written since the start or the last `reset()`. */
  get position(): number {
    return this.#position - this.#start;
  }

  /** What is written so far: a view, valid until the next write or `reset()`. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#position);
  }

  /**
   * Starts again in the same memory, or goes back to an earlier `position`, as after an error; what was written stays
   * in it until overwritten.
   */
  reset(position = 0): void {
    if (!(position >= 0 && position <= this.position)) this.fail('E_OPTION', 'expected an earlier position');
    this.#position = this.#start + position;
    this.depth = 0;
  }

  /** `int`, a whole number from -2^31 to 2^31 - 1; also what RFC 4506 sends for an `enum`. */
  int32(value: number): void {
    this.#expect('number', value);
    if ((value | 0) !== value) this.#outOfRange();
    this.#word(this.#claim(4), value);
  }

  /** `unsigned int`, a whole number from 0 to 2^32 - 1. */
  uint32(value: number): void {
    this.#expect('number', value);
    if (value >>> 0 !== value) this.#outOfRange();
    this.#word(this.#claim(4), value);
  }

  /** `hyper`. A number is refused: it cannot hold every value, and would hide that until one is lost. */
  int64(value: bigint): void {
    this.#expect('bigint', value);
    scratch.setBigInt64(0, value);
    if (scratch.getBigInt64(0) !== value) this.#outOfRange();
    this.#twoWords();
  }

  /** `unsigned hyper`, likewise. */
  uint64(value: bigint): void {
    this.#expect('bigint', value);
    scratch.setBigUint64(0, value);
    if (scratch.getBigUint64(0) !== value) this.#outOfRange();
    this.#twoWords();
  }

  /** `float`: rounds to the nearest binary32, and to an infinity beyond the largest. */
  float32(value: number): void {
    this.#expect('number', value);
    scratch.setFloat32(0, value);
    this.#word(this.#claim(4), scratch.getInt32(0));
  }

  /** `double`. */
  float64(value: number): void {
    this.#expect('number', value);
    scratch.setFloat64(0, value);
    this.#twoWords();
  }

  /** `bool`, as 0 or 1. */
  bool(value: boolean): void {
    this.#expect('boolean', value);
    this.#word(this.#claim(4), value ? 1 : 0);
  }

  /** Fixed-length opaque: the bytes, of which there must be `length` if that is given, and padding. */
  opaque(value: Uint8Array, length?: number): void {
    if (!isBytes(value)) this.fail('E_TYPE', 'expected a Uint8Array');
    if (length !== undefined && value.length !== length) this.fail('E_LENGTH', `expected ${length} bytes`);
    this.#bytesAndPadding(value);
  }

  /** Variable-length opaque of at most `maxLength` bytes: length word, bytes, padding. */
  varOpaque(value: Uint8Array, maxLength = MAX_LENGTH): void {
    if (!isBytes(value)) this.fail('E_TYPE', 'expected a Uint8Array');
    this.length(value.length, maxLength);
    this.#bytesAndPadding(value);
  }

  /** `string` as strict UTF-8 of at most `maxLength` bytes; a lone surrogate is refused. */
  string(value: string, maxLength = MAX_LENGTH): void {
    this.#expect('string', value);
    // Every UTF-16 unit takes at least one byte, so that a text far too long is not converted first.
    this.#checkLength(value.length, maxLength);
    const bytes = encodeUtf8(value);
    if (bytes === undefined) this.fail('E_UTF8', 'lone surrogate');
    this.varOpaque(bytes, maxLength);
  }

  /** The length word of a variable opaque, string or array; at most `maxLength`. */
  length(length: number, maxLength = MAX_LENGTH): void {
    this.#checkLength(length, maxLength);
    this.uint32(length);
  }

  /**
   * Begins a variable opaque whose content is XDR, written next and in place. Give the result to
   * `closeOpaque`; sections nest.
   */
  openOpaque(): number {
    this.#claim(4);
    return this.position;
  }

  /** Ends the section that `openOpaque` began and fills in its length. XDR never needs padding. */
  closeOpaque(mark: number, maxLength = MAX_LENGTH): void {
    const length = this.position - mark;
    if (!(mark >= 4 && length >= 0)) this.fail('E_OPTION', 'expected the mark of openOpaque');
    this.#checkLength(length, maxLength);
    this.#word(this.#start + mark - 4, length);
  }

  /** Throws an `XdrError` that carries the present position. */
  fail(code: XdrErrorCode, reason: string): never {
    throw new XdrError(code, reason, this.position);
  }

  #word(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** Writes the 8 bytes that lie in the scratch. */
  #twoWords(): void {
    const at = this.#claim(8);
    this.#word(at, scratch.getInt32(0));
    this.#word(at + 4, scratch.getInt32(4));
  }

  #bytesAndPadding(value: Uint8Array): void {
    // First, as it may replace the buffer.
    const at = this.#claimPadded(value.length);
    this.#bytes.set(value, at);
  }

  /** Makes room for `size` bytes and returns the index of the first. */
  #claim(size: number): number {
    const at = this.#position;
    const end = at + size;
    if (end > this.#bytes.length) this.#grow(end - this.#start);
    this.#position = end;
    return at;
  }

  /** As `#claim`, for `length` bytes and their padding, which is zeroed because the memory may be used. */
  #claimPadded(length: number): number {
    const at = this.#claim(length + paddingOf(length));
    for (let i = at + length; i < this.#position; i += 1) this.#bytes[i] = 0;
    return at;
  }

  #grow(length: number): void {
    // A target is as long as its maximum, so that only a buffer of our own gets beyond this line.
    if (length > this.#maxBytes) this.fail('E_FULL', `more than ${this.#maxBytes} bytes`);
    const grown = new Uint8Array(Math.min(2 * length, this.#maxBytes));
    grown.set(this.bytes());
    this.#bytes = grown;
  }

  #checkLength(length: number, maxLength: number): void {
    if (length > maxLength) this.fail('E_LENGTH', `length above ${maxLength}`);
  }

  #expect(type: 'number' | 'bigint' | 'boolean' | 'string', value: unknown): void {
    if (typeof value !== type) this.fail('E_TYPE', `expected a ${type}`);
  }

  #outOfRange(): never {
    this.fail('E_RANGE', 'out of range');
  }
}
