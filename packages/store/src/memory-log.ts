import { Deque } from './deque.js';
import { ENTRY_COST } from './memory-options.js';
import { MemorySlab } from './memory-slab.js';
import type { LogChunk, LogEntry, ReadLimit, Refusal, RefusalChunk } from './server-store.js';

/** Something whose oldest part may be removed. Numbers ascend; those up to `removedUpTo` are gone. */
export interface History {
  readonly removedUpTo: bigint;
  /** Returns the bytes that became free; 0 if it was empty. */
  removeOldest(): number;
}

/** The published messages of one client. ORDERs are given without holes, so a cursor is an index. */
export class MemoryLog implements History {
  readonly #slabs = new Deque<MemorySlab>();
  /** Both are exact: no log ever counts 2^53 messages. */
  #head = 0;
  #removedUpTo = 0;
  #bytes = 0;

  get head(): bigint {
    return BigInt(this.#head);
  }

  get removedUpTo(): bigint {
    return BigInt(this.#removedUpTo);
  }

  get length(): number {
    return this.#head - this.#removedUpTo;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(json: Uint8Array, timestamp: number): bigint {
    this.#head += 1;
    this.#bytes += json.byteLength + ENTRY_COST;
    const newest = this.#slabs.at(this.#slabs.length - 1);
    if (newest?.append(json, timestamp) !== true) {
      this.#slabs.push(new MemorySlab(this.#head, json, timestamp));
    }
    return this.head;
  }

  removeOldest(): number {
    const oldest = this.#slabs.at(0);
    if (oldest === undefined) return 0;
    const size = oldest.removeOldest() + ENTRY_COST;
    if (oldest.length === 0) this.#slabs.shift();
    this.#removedUpTo += 1;
    this.#bytes -= size;
    return size;
  }

  read(after: bigint, limit: ReadLimit): LogChunk {
    const { head, removedUpTo } = this;
    const entries: LogEntry[] = [];
    if (after < head) this.#readInto(entries, after > removedUpTo ? Number(after) : this.#removedUpTo, limit);
    return { entries, removedUpTo, head };
  }

  #readInto(entries: LogEntry[], after: number, limit: ReadLimit): void {
    const end = Math.min(this.#head, after + limit.count);
    let room = limit.bytes;
    let at = this.#slabs.search(({ last }) => last > after);
    for (let order = after + 1; order <= end; at += 1) {
      const slab = this.#slabs.at(at)!;
      for (const last = Math.min(end, slab.last); order <= last; order += 1) {
        room -= slab.lengthOf(order);
        if (room < 0 && entries.length > 0) return;
        entries.push(slab.entry(order));
      }
    }
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
