import { Deque } from './deque.js';
import { ENTRY_COST } from './memory-options.js';
import type { LogChunk, LogEntry, ReadLimit, Refusal, RefusalChunk } from './server-store.js';

/** Something whose oldest part may be removed. Numbers ascend; those up to `removedUpTo` are gone. */
export interface History {
  readonly removedUpTo: bigint;
  /** Returns the bytes that became free; 0 if it was empty. */
  removeOldest(): number;
}

/** The published messages of one client. ORDERs are given without holes, so a cursor is an index. */
export class MemoryLog implements History {
  readonly #entries = new Deque<LogEntry>();
  #head = 0n;
  #bytes = 0;

  get head(): bigint {
    return this.#head;
  }

  get removedUpTo(): bigint {
    return this.#head - BigInt(this.#entries.length);
  }

  get length(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(json: Uint8Array, timestamp: number): bigint {
    this.#head += 1n;
    this.#entries.push({ order: this.#head, timestamp, json });
    this.#bytes += json.byteLength + ENTRY_COST;
    return this.#head;
  }

  removeOldest(): number {
    const entry = this.#entries.shift();
    if (entry === undefined) return 0;
    const size = entry.json.byteLength + ENTRY_COST;
    this.#bytes -= size;
    return size;
  }

  read(after: bigint, limit: ReadLimit): LogChunk {
    const removedUpTo = this.removedUpTo;
    const head = this.#head;
    const entries: LogEntry[] = [];
    if (after < head) {
      const start = after > removedUpTo ? Number(after - removedUpTo) : 0;
      const end = Math.min(this.#entries.length, start + limit.count);
      let room = limit.bytes;
      for (let i = start; i < end; i++) {
        const entry = this.#entries.at(i)!;
        room -= entry.json.byteLength;
        if (room < 0 && i > start) break;
        entries.push(entry);
      }
    }
    return { entries, removedUpTo, head };
  }
}

/** The refused messages of one client. */
export class MemoryRefusals implements History {
  readonly #refusals = new Deque<Refusal>();
  #removedUpTo = -1n;

  get removedUpTo(): bigint {
    return this.#removedUpTo;
  }

  get length(): number {
    return this.#refusals.length;
  }

  append(refusal: Refusal): number {
    this.#refusals.push(refusal);
    return sizeOfRefusal(refusal);
  }

  removeOldest(): number {
    const refusal = this.#refusals.shift();
    if (refusal === undefined) return 0;
    this.#removedUpTo = refusal.sequence;
    return sizeOfRefusal(refusal);
  }

  read(after: bigint): Omit<RefusalChunk, 'lastSequence'> {
    const first = this.#refusals.search(({ sequence }) => sequence > after);
    return { refusals: this.#refusals.slice(first), removedUpTo: this.#removedUpTo };
  }
}

function sizeOfRefusal(refusal: Refusal): number {
  return refusal.reason.length * 2 + ENTRY_COST;
}
