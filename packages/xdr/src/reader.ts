import { XdrError, type XdrErrorCode } from './errors.js';
import { checkedLimit, DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, MAX_LENGTH } from './limits.js';
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
   * Bytes that decoding may request in all, 16 MiB by default (`E_MAX_BYTES`): the bytes of each
   * string and copied opaque, and 8 for each element of an array and each field of a struct or union.
   */
  readonly maxBytes?: number;
}

/**
 * Reads XDR (RFC 4506) strictly: padding must be zero, a length must lie within what is left. Every
 * check precedes the allocation it guards. After an error the reader is of no further use.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #copy: boolean;
  readonly #maxDepth: number;
  readonly #maxBytes: number;
  #position = 0;
  #end: number;
  #depth = 0;
  #requested = 0;

  constructor(bytes: Uint8Array, options: ReaderOptions = {}) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
    this.#copy = options.copy ?? true;
    this.#maxDepth = checkedLimit('maxDepth', options.maxDepth ?? DEFAULT_MAX_DEPTH);
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

  /** Signed 32 bit; also what RFC 4506 calls `enum`. */
  int32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at);
  }

  uint32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at);
  }

  /** `hyper`. */
  int64(): bigint {
    const at = this.#take(8);
    return this.#view.getBigInt64(at);
  }

  /** `unsigned hyper`. */
  uint64(): bigint {
    const at = this.#take(8);
    return this.#view.getBigUint64(at);
  }

  float32(): number {
    const at = this.#take(4);
    return this.#view.getFloat32(at);
  }

  float64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at);
  }

  /** `bool`: 0 or 1, nothing else. */
  bool(): boolean {
    const word = this.uint32();
    if (word > 1) this.fail('E_BOOL', 'a bool is 0 or 1', this.#position - 4);
    return word === 1;
  }

  /** Fixed-length opaque of `length` bytes and its padding: a copy or a view, see `ReaderOptions.copy`. */
  opaque(length: number): Uint8Array {
    const at = this.#takePadded(length);
    if (this.#copy) this.request(length);
    const view = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
    return this.#copy ? new Uint8Array(view) : view;
  }

  /** Variable-length opaque of at most `maxLength` bytes. */
  varOpaque(maxLength = MAX_LENGTH): Uint8Array {
    return this.opaque(this.length(maxLength));
  }

  /** `string`, which must be UTF-8, of at most `maxLength` bytes. */
  string(maxLength = MAX_LENGTH): string {
    const length = this.length(maxLength);
    const at = this.#takePadded(length);
    this.request(length);
    try {
      return decodeUtf8(this.#bytes.subarray(at, at + length));
    } catch (cause) {
      throw new XdrError('E_UTF8', 'the string is not UTF-8', at, { cause });
    }
  }

  /**
   * The length word of a variable opaque, string or array whose elements take at least `minSize` bytes
   * each. Refuses a length above `maxLength` and one that cannot lie within what is left.
   */
  length(maxLength = MAX_LENGTH, minSize = 1): number {
    const length = this.uint32();
    if (length > maxLength) {
      this.fail('E_LENGTH', `the length is above the maximum of ${maxLength}`, this.#position - 4);
    }
    if (length * minSize > this.remaining) {
      this.fail('E_TRUNCATED', 'the length is more than what is left', this.#position - 4);
    }
    return length;
  }

  /**
   * Enters a variable opaque that holds XDR, which is then read in place; `remaining` and `end()` refer
   * to it. Give the result to `closeOpaque`; sections nest.
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
    this.#end = outer;
  }

  /** Refuses bytes after the last field. */
  end(): void {
    if (this.#position !== this.#end) {
      this.fail('E_TRAILING', `${this.remaining} bytes follow the last field`);
    }
  }

  /** Counts `bytes` about to be allocated against `maxBytes`. */
  request(bytes: number): void {
    this.#requested += bytes;
    if (this.#requested > this.#maxBytes) {
      this.fail('E_MAX_BYTES', `decoding would request more than maxBytes, ${this.#maxBytes}`);
    }
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

  /** Throws an `XdrError` that carries `offset`, by default the present position. */
  fail(code: XdrErrorCode, reason: string, offset = this.#position): never {
    throw new XdrError(code, reason, offset);
  }

  /** Moves over `size` bytes and returns the index of the first. */
  #take(size: number): number {
    const at = this.#position;
    if (size > this.#end - at) this.#truncated(size);
    this.#position = at + size;
    return at;
  }

  /** As `#take`, for `length` bytes and their padding. */
  #takePadded(length: number): number {
    const padding = -length & 3;
    const at = this.#take(length + padding);
    for (let i = at + length; i < this.#position; i += 1) {
      if (this.#bytes[i] !== 0) this.fail('E_PADDING', 'a padding byte is not zero', i);
    }
    return at;
  }

  #truncated(size: number): never {
    this.fail('E_TRUNCATED', `${size} bytes needed, ${this.remaining} left`);
  }
}
