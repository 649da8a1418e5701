import type { LogEntry } from '@sealwire/store';
import { checksum, seedOf } from './checksum.js';
import { KIND } from './keys.js';
import {
  entryAt,
  LOG_HEADER,
  MESSAGE_HEADER,
  MOST_SHARED,
  messagesIn,
  sizeOfMessage,
  viewOf,
} from './log-row.js';

/**
 * What the writer thread does for a row. A row in the buffer is: length of the key (2), what to do (1), unused (1),
 * length of the value (4), seed of its checksum (4), key, value. The thread fills in the checksum, which is the
 * first four bytes of every value, so that this thread does not have to.
 */
export const DO = { put: 0, remove: 1, skip: 2 } as const;

export const ROW_HEADER = 12;
const LOG_KEY = 13;
const SMALLEST = 65_536;

/** Rows on their way to the writer thread, in memory that both threads see: nothing is handed over or copied here. */
export class RowBuffer {
  #bytes: Uint8Array<SharedArrayBuffer>;
  #view: DataView;
  #length = 0;
  #count = 0;
  /** The newest row, if it is one of a log, to which messages may be added; otherwise its client is -1. */
  readonly #newest = { client: -1, row: 0, order: 0n };

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

  /** All messages of one buffer have the same `at`. Returns where the row begins, which may hold those before, too. */
  log(
    client: number,
    clientSeed: number,
    order: bigint,
    at: number,
    timestamp: number,
    json: Uint8Array,
  ): number {
    const size = MESSAGE_HEADER + json.byteLength;
    const row = this.#extend(client, order, size) ?? this.#beginLog(client, at, size);
    const key = row + ROW_HEADER;
    this.#view.setBigUint64(key + 5, order);
    this.#seed(row, seedOf(clientSeed, this.#view.getUint32(key + 5), this.#view.getUint32(key + 9)));
    const message = this.#length - size;
    this.#view.setUint32(message, json.byteLength, true);
    this.#view.setFloat64(message + 4, timestamp, true);
    this.#bytes.set(json, message + MESSAGE_HEADER);
    this.#newest.client = client;
    this.#newest.row = row;
    this.#newest.order = order;
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

  /** Bytes of json of each message in a row of a log. */
  sizes(row: number): number[] {
    const value = row + ROW_HEADER + LOG_KEY;
    return messagesIn(this.#view, value, this.#end(row)).map((message) => sizeOfMessage(this.#view, message));
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
    const view = viewOf(bytes);
    const messages: number[] = [];
    let at = 0;
    for (const row of rows) {
      const end = this.#end(row);
      bytes.set(this.#bytes.subarray(row, end), at);
      messages.push(...messagesIn(view, at + ROW_HEADER + LOG_KEY, at + end - row));
      at += end - row;
    }
    return new LogRows(bytes, view, messages);
  }

  /** Of which `length` bytes are used. */
  get memory(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  #beginLog(client: number, at: number, size: number): number {
    const row = this.#begin(DO.put, LOG_KEY, LOG_HEADER + size);
    const key = row + ROW_HEADER;
    this.#bytes[key] = KIND.log;
    this.#view.setUint32(key + 1, client);
    this.#view.setFloat64(key + LOG_KEY + 4, at, true);
    return row;
  }

  /** undefined: the message has to have a row of its own. */
  #extend(client: number, order: bigint, size: number): number | undefined {
    const newest = this.#newest;
    if (newest.client !== client || newest.order !== order - 1n) return undefined;
    const length = this.valueLength(newest.row) + size;
    if (length > MOST_SHARED) return undefined;
    this.#reserve(this.#length + size);
    this.#view.setUint32(newest.row + 4, length, true);
    this.#length += size;
    return newest.row;
  }

  #end(row: number): number {
    return row + ROW_HEADER + this.#view.getUint16(row, true) + this.valueLength(row);
  }

  #begin(what: number, keyLength: number, valueLength: number): number {
    const row = this.#length;
    const end = row + ROW_HEADER + keyLength + valueLength;
    this.#reserve(end);
    this.#newest.client = -1;
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

  #reserve(atLeast: number): void {
    let size = this.#bytes.byteLength;
    if (atLeast <= size) return;
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
  readonly #messages: readonly number[];

  constructor(bytes: Uint8Array, view: DataView, messages: readonly number[]) {
    this.#bytes = bytes;
    this.#view = view;
    this.#messages = messages;
  }

  get count(): number {
    return this.#messages.length;
  }

  entry(index: number, order: bigint): LogEntry {
    return entryAt(this.#bytes, this.#view, this.#messages[index]!, order);
  }
}

function shared(size: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(size));
}
