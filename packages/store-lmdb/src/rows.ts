import type { LogEntry } from '@sealwire/store';
import { checksum, seedOf } from './checksum.js';
import { KIND } from './keys.js';

/**
 * What the writer thread does for a row. A row in the buffer is: length of the key (2), what to do (1), unused (1),
 * length of the value (4), seed of its checksum (4), key, value. The thread fills in the checksum, which is the
 * first four bytes of every value, so that this thread does not have to.
 */
export const DO = { put: 0, remove: 1, skip: 2 } as const;

export const ROW_HEADER = 12;
/** Checksum, time of addition, timestamp. */
export const LOG_HEADER = 20;
const LOG_KEY = 13;
const SMALLEST = 65_536;

/** Rows on their way to the writer thread, in memory that both threads see: nothing is handed over or copied here. */
export class RowBuffer {
  #bytes: Uint8Array<SharedArrayBuffer>;
  #view: DataView;
  #length = 0;
  #count = 0;

  constructor(bytes: Uint8Array<SharedArrayBuffer> = shared(SMALLEST)) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  /** Rows. */
  get count(): number {
    return this.#count;
  }

  /** Returns where the row begins. */
  log(
    client: number,
    clientSeed: number,
    order: bigint,
    at: number,
    timestamp: number,
    json: Uint8Array,
  ): number {
    const row = this.#begin(DO.put, LOG_KEY, LOG_HEADER + json.byteLength);
    const key = row + ROW_HEADER;
    this.#bytes[key] = KIND.log;
    this.#view.setUint32(key + 1, client);
    this.#view.setBigUint64(key + 5, order);
    this.#seed(row, seedOf(clientSeed, this.#view.getUint32(key + 5), this.#view.getUint32(key + 9)));
    const value = key + LOG_KEY;
    this.#view.setFloat64(value + 4, at, true);
    this.#view.setFloat64(value + 12, timestamp, true);
    this.#bytes.set(json, value + LOG_HEADER);
    return row;
  }

  /** `body` is the value without its checksum, which begins at `seed`. Returns where the row begins. */
  put(key: Buffer, body: Uint8Array, seed = checksum(key)): number {
    const row = this.#begin(DO.put, key.byteLength, 4 + body.byteLength);
    this.#seed(row, seed);
    this.#bytes.set(key, row + ROW_HEADER);
    this.#bytes.set(body, row + ROW_HEADER + key.byteLength + 4);
    return row;
  }

  remove(key: Buffer): void {
    const row = this.#begin(DO.remove, key.byteLength, 0);
    this.#bytes.set(key, row + ROW_HEADER);
  }

  /** Takes a row back that has not been written yet. */
  skip(row: number): void {
    this.#bytes[row + 2] = DO.skip;
  }

  /** Bytes of the value, checksum included. */
  valueLength(row: number): number {
    return this.#view.getUint32(row + 4, true);
  }

  /** Bytes of these rows. */
  lengthOf(rows: readonly number[]): number {
    let length = 0;
    for (const row of rows) length += this.#end(row) - row;
    return length;
  }

  /** Rows of messages, in memory of their own. */
  copy(rows: readonly number[]): LogRows {
    const bytes = new Uint8Array(this.lengthOf(rows));
    const starts: number[] = [];
    let at = 0;
    for (let i = 0; i < rows.length; ) {
      const start = rows[i]!;
      let end = start;
      // Those that lie side by side are one piece.
      for (; rows[i] === end; i++) {
        starts.push(at + end - start);
        end = this.#end(end);
      }
      bytes.set(this.#bytes.subarray(start, end), at);
      at += end - start;
    }
    return new LogRows(bytes, starts);
  }

  /** Of which `length` bytes are used. */
  get memory(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  #end(row: number): number {
    return row + ROW_HEADER + this.#view.getUint16(row, true) + this.valueLength(row);
  }

  #begin(what: number, keyLength: number, valueLength: number): number {
    const row = this.#length;
    const end = row + ROW_HEADER + keyLength + valueLength;
    if (end > this.#bytes.byteLength) this.#grow(end);
    this.#view.setUint16(row, keyLength, true);
    this.#bytes[row + 2] = what;
    this.#view.setUint32(row + 4, valueLength, true);
    this.#length = end;
    this.#count += 1;
    return row;
  }

  #seed(row: number, seed: number): void {
    this.#view.setUint32(row + 8, seed, true);
  }

  #grow(atLeast: number): void {
    let size = this.#bytes.byteLength * 2;
    while (size < atLeast) size *= 2;
    const larger = shared(size);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Messages as they lie in a {@link RowBuffer}. */
export class LogRows {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #starts: readonly number[];

  constructor(bytes: Uint8Array, starts: readonly number[]) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#starts = starts;
  }

  entry(index: number, order: bigint): LogEntry {
    const value = this.#starts[index]! + ROW_HEADER + LOG_KEY;
    const end = this.#starts[index + 1] ?? this.#bytes.length;
    const json = this.#bytes.subarray(value + LOG_HEADER, end);
    return { order, timestamp: this.#view.getFloat64(value + 12, true), json };
  }
}

function shared(size: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(size));
}
