import { isBytes, paddingOf } from './bytes.js';
import { XdrError, type XdrErrorCode } from './errors.js';
import { checkedLimit, DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, MAX_LENGTH } from './limits.js';
import { scratch } from './scratch.js';
import { decodeUtf8 } from './utf8.js';

export interface ReaderOptions {
  /**
   * `true`, the default: opaques are copies, independent of the input. `false`: they are views into it,
   * which keep all of it alive and change when it is overwritten.
   */
  readonly copy?: boolean;
  /** Recursion through `lazy`, 256 by default (`E_DEPTH`). */
  readonly maxDepth?: number;
  /**
   * Bytes that decoding may request in all, 16 MiB by default (`E_MAX_BYTES`): the bytes of each string
   * and each copied opaque, and 8 for each element of an array and each field of a struct or union.
   */
  readonly maxBytes?: number;
}

/**
 * Reads XDR (RFC 4506) strictly: padding must be zero, a length must lie within what is left. Every
 * check precedes the allocation it guards. After an error the reader is of no further use.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #copy: boolean;
  readonly #maxBytes: number;
  #position = 0;
  #end: number;
  #requested = 0;

  /** Levels of `lazy` that are open, and how many may be. */
  depth = 0;
  readonly maxDepth: number;

  constructor(bytes: Uint8Array, options: ReaderOptions = {}) {
    if (!isBytes(bytes)) throw new XdrError('E_TYPE', 'expected a Uint8Array');
    // A subclass, Node's Buffer above all, would return more of itself as the opaques.
    this.#bytes =
      bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
    this.#copy = options.copy ?? true;
    this.maxDepth = checkedLimit('maxDepth', options.maxDepth ?? DEFAULT_MAX_DEPTH);
    this.#maxBytes = checkedLimit('maxBytes', options.maxBytes ?? DEFAULT_MAX_BYTES);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes left, in the open section if there is one. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  /** `int`; also what RFC 4506 sends for an `enum`. */
  int32(): number {
    return this.#word(this.#take(4));
  }

  /** `unsigned int`. */
  uint32(): number {
    return this.#word(this.#take(4)) >>> 0;
  }

  /** `hyper`. */
  int64(): bigint {
    this.#twoWords();
    return scratch.getBigInt64(0);
  }

  /** `unsigned hyper`. */
  uint64(): bigint {
    this.#twoWords();
    return scratch.getBigUint64(0);
  }

  /** `float`. */
  float32(): number {
    scratch.setInt32(0, this.int32());
    return scratch.getFloat32(0);
  }

  /** `double`. */
  float64(): number {
    this.#twoWords();
    return scratch.getFloat64(0);
  }

  /** `bool`: 0 or 1, nothing else. */
  bool(): boolean {
    const word = this.int32();
    if (word !== 0 && word !== 1) this.fail('E_BOOL', 'expected 0 or 1', this.#position - 4);
    return word === 1;
  }

  /** Fixed-length opaque of `length` bytes and its padding: a copy or a view, see `ReaderOptions.copy`. */
  opaque(length: number): Uint8Array {
    const view = this.#takePadded(length);
    if (!this.#copy) return view;
    this.request(length);
    return new Uint8Array(view);
  }

  /** Variable-length opaque of at most `maxLength` bytes. */
  varOpaque(maxLength = MAX_LENGTH): Uint8Array {
    return this.opaque(this.length(maxLength));
  }

  /** `string`, which must be UTF-8, of at most `maxLength` bytes. */
  string(maxLength = MAX_LENGTH): string {
    const length = this.length(maxLength);
    const at = this.#position;
    const view = this.#takePadded(length);
    this.request(length);
    try {
      return decodeUtf8(view);
    } catch (cause) {
      throw new XdrError('E_UTF8', 'expected UTF-8', at, { cause });
    }
  }

  /**
   * The length word of a variable opaque, string or array whose elements take at least `minSize` bytes
   * each. Refuses a length above `maxLength` and one that cannot lie within what is left.
   */
  length(maxLength = MAX_LENGTH, minSize = 1): number {
    const length = this.uint32();
    const at = this.#position - 4;
    if (length > maxLength) this.fail('E_LENGTH', `length above ${maxLength}`, at);
    if (length * minSize > this.remaining) this.fail('E_TRUNCATED', 'length above what is left', at);
    return length;
  }

  /**
   * Enters a variable opaque whose content is XDR, read in place: until `closeOpaque`, `remaining` and
   * `end()` refer to it. Give the mark it returns to `closeOpaque`; sections nest.
   */
  openOpaque(maxLength = MAX_LENGTH): number {
    const length = this.length(maxLength);
    const outer = this.#end;
    this.#end = this.#position + length;
    return outer;
  }

  /** Leaves the section that `openOpaque` entered; all of it must have been read. */
  closeOpaque(outer: number): void {
    this.end();
    if (!(outer >= this.#end && outer <= this.#bytes.length)) {
      this.fail('E_OPTION', 'expected the mark of openOpaque');
    }
    this.#end = outer;
  }

  /** Refuses bytes after the last field. */
  end(): void {
    if (this.remaining > 0) this.fail('E_TRAILING', `expected the end`);
  }

  /** Counts `bytes` about to be allocated against `maxBytes`. */
  request(bytes: number): void {
    this.#requested += bytes;
    if (this.#requested > this.#maxBytes) this.fail('E_MAX_BYTES', `more than ${this.#maxBytes} bytes`);
  }

  /** Throws an `XdrError` that carries `offset`, by default the present position. */
  fail(code: XdrErrorCode, reason: string, offset = this.#position): never {
    throw new XdrError(code, reason, offset);
  }

  #word(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /** Puts the next 8 bytes into the scratch. */
  #twoWords(): void {
    const at = this.#take(8);
    scratch.setInt32(0, this.#word(at));
    scratch.setInt32(4, this.#word(at + 4));
  }

  /** Moves over `size` bytes and returns the index of the first. */
  #take(size: number): number {
    const at = this.#position;
    if (size > this.#end - at) this.fail('E_TRUNCATED', `expected ${size} bytes`);
    this.#position = at + size;
    return at;
  }

  /** Moves over `length` bytes and their padding, and returns a view of the former. */
  #takePadded(length: number): Uint8Array {
    const bytes = this.#bytes;
    const at = this.#take(length + paddingOf(length));
    for (let i = at + length; i < this.#position; i += 1) {
      if (bytes[i] !== 0) this.fail('E_PADDING', 'expected zero padding', i);
    }
    return bytes.subarray(at, at + length);
  }
}
