import { StoreError } from '@sealwire/store';
import type { Batch, Part } from './batch.js';
import type { Client, Clients } from './clients.js';
import { logKey, refusalKey, timeKey } from './keys.js';
import { ROW_COST } from './options.js';
import type { Reader, StoredLogRow } from './reader.js';
import { LOG_HEADER } from './rows.js';

const MINUTE = 60_000;
/** Rows that one batch removes beyond the clients' own bounds, so that a lowered bound does not hold up the rest. */
const MOST_REMOVALS = 10_000;

export interface RetentionOptions {
  readonly maxEntriesPerClient: number;
  readonly maxBytesPerClient: number;
  readonly maxAge: number;
  readonly maxTotalBytes: number;
  readonly maxRefusals: number;
  readonly now: () => number;
}

/**
 * Removes the oldest messages in the same transaction that adds new ones. Works on a batch that is about to be written,
 * when all before it are flushed: a client's log is then what lies on disk followed by what is in the batch.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #reader: Reader;
  readonly #clients: Clients;
  /** Nothing was added before this minute and is still kept. */
  #oldestMinute = 0;

  constructor(options: RetentionOptions, reader: Reader, clients: Clients) {
    this.#options = options;
    this.#reader = reader;
    this.#clients = clients;
  }

  /** What was removed last has not been: a batch failed. */
  reset(): void {
    this.#oldestMinute = 0;
  }

  /** Keeps a client of the batch within its own bounds, and says when its new messages were added. */
  keepWithinBounds(batch: Batch, part: Part): void {
    const { kept, number, id } = part.client;
    const { maxEntriesPerClient, maxBytesPerClient } = this.#options;
    const { head } = part.position;
    let added = 0;
    for (const row of part.log) added += batch.rows.valueLength(row) - LOG_HEADER + ROW_COST;
    kept.bytes += added;
    this.#clients.totals.logBytes += added;
    if (part.raisedTo > kept.removedUpTo) kept.removedUpTo = part.raisedTo;

    const atMost = head - BigInt(maxEntriesPerClient);
    const over = () => kept.bytes > maxBytesPerClient || kept.removedUpTo < atMost;
    if (over() || part.raisedTo > 0n) {
      this.#remove(batch, part, (row) => row.order <= part.raisedTo || over());
    }

    const minute = Math.floor(batch.at / MINUTE);
    if (part.log.length > 0 && kept.minute !== minute) {
      batch.rows.put(timeKey(minute, number), Buffer.from(id));
      kept.minute = minute;
      if (minute < this.#oldestMinute) this.#oldestMinute = minute;
    }
    this.#removeRefusals(batch, part);
  }

  /** Removes what is too old or too much in all. Returns whether there is more to remove in a next batch. */
  collect(batch: Batch): boolean {
    const { maxAge, maxTotalBytes, now } = this.#options;
    const cutoff = now() - maxAge;
    const tooMuch = () => this.#clients.totals.logBytes > maxTotalBytes;
    if (!tooMuch() && this.#oldestMinute * MINUTE >= cutoff) return false;
    let left = MOST_REMOVALS;
    for (const { minute, client: number, clientId } of this.#reader.times()) {
      this.#oldestMinute = minute;
      const end = (minute + 1) * MINUTE;
      if (!tooMuch() && minute * MINUTE >= cutoff) return false;
      if (left <= 0) return true;
      const client = this.#clientOf(clientId);
      if (client !== undefined) {
        const part = batch.touchSealed(client);
        const goes = (row: StoredLogRow) => row.at < cutoff || (tooMuch() && row.at < end);
        left = this.#remove(batch, part, goes, left);
        if (left <= 0 || (!tooMuch() && end > cutoff)) continue;
        if (client.kept.minute === minute) client.kept.minute = 0;
      }
      batch.rows.remove(timeKey(minute, number));
    }
    this.#oldestMinute = Math.floor(batch.at / MINUTE);
    // What this batch adds has no row on disk yet by which it could be found.
    return tooMuch() && batch.grows;
  }

  /** A client whose record is damaged keeps what it has: it is told when it reads. */
  #clientOf(clientId: string): Client | undefined {
    this.#clients.makeRoom();
    try {
      return this.#clients.find(clientId);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /** Removes from the oldest on, as long as `goes`. Returns what is left of `most`. */
  #remove(
    batch: Batch,
    part: Part,
    goes: (row: StoredLogRow) => boolean,
    most = Number.POSITIVE_INFINITY,
  ): number {
    const { client, position } = part;
    const { kept } = client;
    let left = most;
    const gone = ({ order, size }: StoredLogRow) => {
      if (order > kept.removedUpTo) kept.removedUpTo = order;
      const bytes = Math.min(size + ROW_COST, kept.bytes);
      kept.bytes -= bytes;
      this.#clients.totals.logBytes -= bytes;
      left -= 1;
    };
    const first = part.raisedTo > 0n ? 1n : kept.removedUpTo + 1n;
    for (const row of this.#reader.logRows(client.number, first, client.flushed.head)) {
      if (left <= 0 || !goes(row)) return left;
      batch.rows.remove(logKey(client.number, row.order));
      gone(row);
    }
    let order = position.head - BigInt(part.log.length);
    for (const at of part.log) {
      order += 1n;
      if (order <= kept.removedUpTo) continue;
      const row = { order, size: batch.rows.valueLength(at) - LOG_HEADER, at: batch.at };
      if (left <= 0 || !goes(row)) return left;
      batch.rows.skip(at);
      gone(row);
    }
    return left;
  }

  #removeRefusals(batch: Batch, part: Part): void {
    const { client, refusals } = part;
    if (refusals.length === 0) return;
    client.kept.refusals += refusals.length;
    let over = client.kept.refusals - this.#options.maxRefusals;
    if (over <= 0) return;
    client.kept.refusals -= over;
    for (const sequence of this.#reader.refusalSequences(client.number)) {
      if (over <= 0) return;
      batch.rows.remove(refusalKey(client.number, sequence));
      client.kept.refusalsRemovedUpTo = sequence;
      over -= 1;
    }
    for (const { sequence, row } of refusals.slice(0, over)) {
      batch.rows.skip(row);
      client.kept.refusalsRemovedUpTo = sequence;
    }
  }
}
