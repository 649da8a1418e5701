import { StoreError } from '@sealwire/store';
import type { Batch, Part } from './batch.js';
import type { Client, Clients } from './clients.js';
import { logKey, refusalKey, timeKey } from './keys.js';
import { ROW_COST } from './options.js';
import type { LogRow, Reader, TimeRow } from './reader.js';

const SECOND = 1_000;
/** Rows and clients that one batch looks at beyond the clients' own bounds, so that a lowered bound does not hold up the rest. */
const MOST_LOOKS = 10_000;
const LARGEST_SHARE = 16;

/** The first client whose turn it is, of those that got messages within this second. */
interface Turn {
  readonly second: number;
  readonly client: number;
}

const FROM_THE_OLDEST: Turn = { second: 0, client: 0 };

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
  /** Nothing was added before this second and is still kept. */
  #turn = FROM_THE_OLDEST;

  constructor(options: RetentionOptions, reader: Reader, clients: Clients) {
    this.#options = options;
    this.#reader = reader;
    this.#clients = clients;
  }

  /** What was removed last has not been: a batch failed. */
  reset(): void {
    this.#turn = FROM_THE_OLDEST;
  }

  /** Keeps a client of the batch within its own bounds, and says when its new messages were added. */
  keepWithinBounds(batch: Batch, part: Part): void {
    const { kept, number, id } = part.client;
    const { maxEntriesPerClient, maxBytesPerClient } = this.#options;
    const { head } = part.position;
    const added = part.addedBytes + part.added * ROW_COST;
    kept.bytes += added;
    this.#clients.totals.logBytes += added;
    if (part.raisedTo > kept.removedUpTo) kept.removedUpTo = part.raisedTo;

    const atMost = head - BigInt(maxEntriesPerClient);
    const over = () => kept.bytes > maxBytesPerClient || kept.removedUpTo < atMost;
    if (over() || part.raisedTo > 0n) {
      this.#remove(batch, part, (order) => order <= part.raisedTo || over());
    }

    const second = Math.floor(batch.at / SECOND);
    if (part.log.length > 0 && kept.second !== second) {
      batch.rows.put(timeKey(second, number), Buffer.from(id));
      kept.second = second;
      if (second < this.#turn.second) this.#turn = FROM_THE_OLDEST;
    }
    this.#removeRefusals(batch, part);
  }

  /**
   * Removes what is too old or too much in all, second by second. Of what is too much, the clients that got messages
   * within one second lose their oldest in turns, so that none loses all while another loses nothing. Returns whether
   * there is more to remove in a next batch.
   */
  collect(batch: Batch): boolean {
    const more = this.#collect(batch);
    // The clock may have been ahead before: what this batch adds is older than what lies there, and its turn comes first.
    const second = Math.floor(batch.at / SECOND);
    if (this.#turn.second > second) this.#turn = { second, client: 0 };
    return more;
  }

  #collect(batch: Batch): boolean {
    const cutoff = this.#options.now() - this.#options.maxAge;
    const isOld = (second: number) => (second + 1) * SECOND <= cutoff;
    let looks = MOST_LOOKS;
    /** Messages that a client loses at its turn: more from round to round, so that much is removed quickly. */
    let share = 1;
    /** Whether somebody before this turn has more of its second. */
    let again = this.#turn.client > 0;
    while (this.#tooMuch || isOld(this.#turn.second)) {
      if (looks <= 0) return true;
      const row = this.#reader.nextTime(this.#turn.second, this.#turn.client);
      const sameSecond = row?.second === this.#turn.second;
      if (!sameSecond && again) {
        this.#turn = { second: this.#turn.second, client: 0 };
        share = Math.min(share * 2, LARGEST_SHARE);
        again = false;
        continue;
      }
      if (row === undefined) {
        this.#turn = { second: Math.floor(batch.at / SECOND), client: 0 };
        // What this batch adds has no row on disk yet by which it could be found.
        return this.#tooMuch && batch.grows;
      }
      if (!sameSecond) share = 1;
      this.#turn = { second: row.second, client: sameSecond ? row.client : 0 };
      if (!this.#tooMuch && !isOld(row.second)) return false;
      const turn = this.#takeTurn(batch, row, isOld(row.second) ? Infinity : share, looks);
      looks = turn.looks;
      again ||= turn.more;
      this.#turn = { second: row.second, client: row.client + 1 };
    }
    return false;
  }

  get #tooMuch(): boolean {
    return this.#clients.totals.logBytes > this.#options.maxTotalBytes;
  }

  /** @param share messages; without a bound where all of that second are too old */
  #takeTurn(
    batch: Batch,
    { second, client: number, clientId }: TimeRow,
    share: number,
    looks: number,
  ): { readonly looks: number; readonly more: boolean } {
    const client = this.#clientOf(clientId);
    const end = (second + 1) * SECOND;
    let left = looks - 1;
    let more = false;
    if (client !== undefined) {
      let turn = share;
      const goes = (_: bigint, at: number) => {
        if (at >= end) return false;
        more = share !== Infinity && (!this.#tooMuch || turn <= 0);
        turn -= 1;
        return !more;
      };
      left = this.#remove(batch, batch.touchSealed(client), goes, left);
      more ||= left <= 0;
      if (!more && client.kept.second === second) client.kept.second = 0;
    }
    if (!more) batch.rows.remove(timeKey(second, number));
    return { looks: left, more };
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

  /** Removes from the oldest message on, as long as `goes`. Returns what is left of `most`. */
  #remove(
    batch: Batch,
    part: Part,
    goes: (order: bigint, at: number) => boolean,
    most = Number.POSITIVE_INFINITY,
  ): number {
    const left = this.#removeRows(batch, part, goes, most);
    const { kept } = part.client;
    if (kept.removedUpTo >= part.position.head) {
      // Nothing is kept: what damaged or missing rows had left over in the account goes.
      this.#clients.totals.logBytes -= kept.bytes;
      kept.bytes = 0;
    }
    return left;
  }

  #removeRows(batch: Batch, part: Part, goes: (order: bigint, at: number) => boolean, most: number): number {
    const { client, position } = part;
    const { kept } = client;
    let left = most;
    /** False where something of the row stays. */
    const empty = ({ last, at, sizes }: LogRow, first: bigint) => {
      let order = last - BigInt(sizes.length);
      for (const size of sizes) {
        order += 1n;
        if (order < first) continue;
        if (left <= 0 || !goes(order, at)) return false;
        if (order > kept.removedUpTo) kept.removedUpTo = order;
        const bytes = Math.min(size + ROW_COST, kept.bytes);
        kept.bytes -= bytes;
        this.#clients.totals.logBytes -= bytes;
        left -= 1;
      }
      return true;
    };
    const first = part.raisedTo > 0n ? 1n : kept.removedUpTo + 1n;
    for (const row of this.#reader.logRows(client.number, first, client.flushed.head)) {
      if (!empty(row, first)) return left;
      batch.rows.remove(logKey(client.number, row.last));
    }
    let last = position.head - BigInt(part.added);
    const firstAdded = kept.removedUpTo + 1n;
    for (const at of part.log) {
      const sizes = batch.rows.sizes(at);
      last += BigInt(sizes.length);
      if (!empty({ last, at: batch.at, sizes }, firstAdded)) return left;
      batch.rows.skip(at);
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
