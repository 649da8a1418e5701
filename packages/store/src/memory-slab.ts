import type { LogEntry } from './server-store.js';

/** What is longer is not copied: it stays one array for all clients that it is published to. */
export const MAX_COPIED = 1_024;
const MAX_ENTRIES = 64;

/**
 * Messages that follow one another in a log, in one piece of memory. Kept one by one, each would be several objects
 * which the garbage collector visits again and again.
 */
export class MemorySlab {
  /** ORDER of the first in the arrays. */
  #first: number;
  #bytes: Uint8Array;
  /** Where each entry ends in the bytes. */
  readonly #ends: number[] = [];
  readonly #timestamps: number[] = [];
  /** Entries that are gone, and still in the arrays. */
  #removed = 0;

  constructor(order: number, json: Uint8Array, timestamp: number) {
    this.#first = order;
    this.#bytes = own(json);
    this.#ends.push(json.length);
    this.#timestamps.push(timestamp);
  }

  get length(): number {
    return this.#ends.length - this.#removed;
  }

  /** ORDER of the newest entry. */
  get last(): number {
    return this.#first + this.#ends.length - 1;
  }

  /** The message of the next ORDER. False, and nothing ever follows, where it has to begin another slab. */
  append(json: Uint8Array, timestamp: number): boolean {
    const used = this.#ends[this.#ends.length - 1]!;
    if (this.#ends.length === MAX_ENTRIES || json.length > MAX_COPIED || this.#ends[0]! > MAX_COPIED) {
      if (used < this.#bytes.length) this.#bytes = this.#bytes.slice(0, used);
      return false;
    }
    const end = used + json.length;
    // A first entry alone may lie in the array that was handed in, which is not written to.
    if (end > this.#bytes.length || this.#ends.length === 1) this.#move(0, used, this.#roomFor(end));
    this.#bytes.set(json, used);
    this.#ends.push(end);
    this.#timestamps.push(timestamp);
    return true;
  }

  /** Returns its bytes. */
  removeOldest(): number {
    const size = this.lengthOf(this.#first + this.#removed);
    this.#removed += 1;
    if (this.length > 0) this.#compact();
    return size;
  }

  lengthOf(order: number): number {
    const index = order - this.#first;
    return this.#ends[index]! - this.#startOf(index);
  }

  entry(order: number): LogEntry {
    const index = order - this.#first;
    const [start, end] = [this.#startOf(index), this.#ends[index]!];
    const whole = end - start === this.#bytes.length;
    const json = whole ? this.#bytes : this.#bytes.subarray(start, end);
    return { order: BigInt(order), timestamp: this.#timestamps[index]!, json };
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  /** Twice as much, until there are so many entries that the slab is likely to be filled by more of their kind. */
  #roomFor(end: number): number {
    const count = this.#ends.length + 1;
    return count < MAX_ENTRIES / 4 ? 2 * end : Math.ceil((end / count) * MAX_ENTRIES);
  }

  /** Less than a third may be left, so that what stays is not copied each time that something goes. */
  #compact(): void {
    const [start, used] = [this.#startOf(this.#removed), this.#ends[this.#ends.length - 1]!];
    if (3 * (used - start) >= this.#bytes.length && this.#removed < 2 * this.length) return;
    this.#move(start, used, used - start);
    this.#ends.splice(0, this.#removed);
    this.#timestamps.splice(0, this.#removed);
    for (let i = 0; i < this.#ends.length; i++) this.#ends[i]! -= start;
    this.#first += this.#removed;
    this.#removed = 0;
  }

  #move(start: number, end: number, size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(start, end));
    this.#bytes = bytes;
  }
}

/** A part of a larger buffer would keep all of that buffer alive, beyond every bound: only such a part is copied. */
export function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
