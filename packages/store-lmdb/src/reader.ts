import {
  type KeyValue,
  type ListQuery,
  type LogChunk,
  type LogEntry,
  type ReadLimit,
  type Refusal,
  type RefusalChunk,
  StoreError,
} from '@sealwire/store';
import { open, type RootDatabase } from 'lmdb';
import { checksum, seedOf } from './checksum.js';
import {
  afterValueKey,
  clientKey,
  endOf,
  endOfValues,
  KIND,
  LAST_NUMBER,
  logKey,
  metaKey,
  numberOfKey,
  refusalKey,
  timeKey,
  valueKey,
} from './keys.js';
import { entryAt, messagesIn, sizeOfMessage, sizesInDamaged, viewOf } from './log-row.js';
import { type ClientRow, decodeClient, decodeTotals, type Totals } from './records.js';
import { lmdbOptions } from './writer.js';

/** Messages of one client that share a row. */
export interface LogRow {
  /** ORDER of the last one. */
  readonly last: bigint;
  /** Bytes of json of each. */
  readonly sizes: readonly number[];
  /** When they were added, milliseconds since 1970. */
  readonly at: number;
}

export interface TimeRow {
  readonly second: number;
  readonly client: number;
  readonly clientId: string;
}

const EMPTY: LogChunk = { entries: [], removedUpTo: 0n, head: 0n };

/** Reads rows and holds them against their checksums. Each method sees one moment, of flushed rows only. */
export class Reader {
  readonly #db: RootDatabase<Buffer, Buffer>;

  constructor(file: string, maxSize: number) {
    this.#db = open<Buffer, Buffer>(file, lmdbOptions(maxSize));
  }

  /** To be called when the writer has flushed: LMDB keeps the moment of a reader for the rest of the turn. */
  refresh(): void {
    this.#db.resetReadTxn();
  }

  client(clientId: string): ClientRow | undefined {
    const key = clientKey(clientId);
    const body = this.#body(key, checksum(key), () => `the record of client ${JSON.stringify(clientId)}`);
    return body && decodeClient(body);
  }

  *clientIds(): Generator<string> {
    for (const key of this.#db.getKeys({ start: Buffer.of(KIND.client), end: endOf(KIND.client) })) {
      yield key.toString('utf8', 1);
    }
  }

  totals(): Totals {
    const key = metaKey('totals');
    const body = this.#body(key, checksum(key), () => 'the record of the totals');
    return body ? decodeTotals(body) : { nextNumber: 0, logBytes: 0, orderBase: 0n };
  }

  value(name: string): Uint8Array | undefined {
    const key = valueKey(name);
    return this.#body(key, checksum(key), () => nameOfValue(name));
  }

  /** Gives what comes before a damaged value, and rejects the page that begins at it. */
  list({ prefix, after, limit }: ListQuery): readonly KeyValue[] {
    const first = valueKey(prefix);
    const next = after === undefined ? first : afterValueKey(after);
    const start = Buffer.compare(first, next) > 0 ? first : next;
    const page: KeyValue[] = [];
    let room = limit.bytes;
    for (const row of this.#db.getRange({ start, end: endOfValues(prefix), limit: limit.count })) {
      const key = row.key.toString('utf8', 1);
      if (!matches(row.value, checksum(row.key))) {
        if (page.length > 0) break;
        throw new StoreError('E_CORRUPT', `${nameOfValue(key)} is damaged: restore a backup`);
      }
      room -= row.value.byteLength - 4;
      if (room < 0 && page.length > 0) break;
      page.push({ key, value: row.value.subarray(4) });
    }
    return page;
  }

  /** Gives what comes before a damaged entry, and rejects the read that begins at it. */
  log(clientId: string, after: bigint, limit: ReadLimit): LogChunk {
    const row = this.client(clientId);
    if (row === undefined) return EMPTY;
    const { head, removedUpTo } = row;
    const seed = checksum(clientKey(clientId).subarray(1));
    const entries: LogEntry[] = [];
    let room = limit.bytes;
    let expected = (after > removedUpTo ? after : removedUpTo) + 1n;
    const damaged = (what: string) =>
      new StoreError(
        'E_CORRUPT',
        `ORDER ${expected} of client ${JSON.stringify(clientId)} ${what}: restore a backup; nothing beyond it is served`,
      );
    if (expected > head) return { entries, removedUpTo, head };

    const rows = this.#db.getRange({
      start: logKey(row.number, expected),
      end: logKey(row.number, head + 1n),
      limit: limit.count,
    });
    for (const { key, value } of rows) {
      const view = viewOf(value);
      const messages = isLogRow(key, value, seed) ? messagesIn(view, 0, value.byteLength) : [];
      let order = numberOfKey(key) - BigInt(messages.length) + 1n;
      const wrong = messages.length === 0 ? 'is damaged' : order > expected ? 'is missing' : '';
      if (wrong !== '') {
        if (entries.length === 0) throw damaged(wrong);
        break;
      }
      for (const message of messages) {
        if (order++ < expected) continue;
        room -= sizeOfMessage(view, message);
        const full = entries.length === limit.count || (room < 0 && entries.length > 0);
        if (full) return { entries, removedUpTo, head };
        entries.push(entryAt(value, view, message, expected));
        expected += 1n;
      }
    }
    if (entries.length === 0) throw damaged('is missing');
    return { entries, removedUpTo, head };
  }

  /** The rows of a client's log that have ORDERs from `first` to `last`, also those that are damaged. */
  *logRows(client: number, first: bigint, last: bigint): Generator<LogRow> {
    const range = { start: logKey(client, first), end: logKey(client, last + 1n) };
    let before = first - 1n;
    for (const { key, value } of this.#db.getRange(range)) {
      const order = numberOfKey(key);
      const view = viewOf(value);
      const messages = messagesIn(view, 0, value.byteLength);
      const intact = messages.length > 0;
      yield {
        last: order,
        sizes: intact
          ? messages.map((message) => sizeOfMessage(view, message))
          : sizesInDamaged(value.byteLength, order - before),
        at: intact ? value.readDoubleLE(4) : 0,
      };
      before = order;
    }
  }

  refusals(clientId: string, after: bigint): RefusalChunk {
    const row = this.client(clientId);
    const lastSequence = row?.lastSequence ?? -1n;
    const removedUpTo = row?.refusalsRemovedUpTo ?? -1n;
    if (row === undefined || after >= LAST_NUMBER) return { lastSequence, refusals: [], removedUpTo };
    const start = refusalKey(row.number, after < 0n ? 0n : after + 1n);
    const seed = checksum(clientKey(clientId).subarray(1));
    const refusals: Refusal[] = [];
    for (const { key, value } of this.#db.getRange({ start, end: refusalKey(row.number, LAST_NUMBER) })) {
      const sequence = numberOfKey(key);
      if (!matches(value, seedOfRow(key, seed))) {
        throw new StoreError(
          'E_CORRUPT',
          `the refusal of SEQUENCE ${sequence} of client ${JSON.stringify(clientId)} is damaged: restore a backup`,
        );
      }
      refusals.push({ sequence, reason: value.toString('utf8', 4) });
    }
    return { lastSequence, refusals, removedUpTo };
  }

  *refusalSequences(client: number): Generator<bigint> {
    const range = { start: refusalKey(client, 0n), end: refusalKey(client, LAST_NUMBER) };
    for (const key of this.#db.getKeys(range)) yield numberOfKey(key);
  }

  /** From these two on: the oldest second in which a message was added, and of its clients the one with the lowest number. */
  nextTime(second: number, client: number): TimeRow | undefined {
    const range = { start: timeKey(second, client), end: endOf(KIND.time), limit: 1 };
    for (const { key, value } of this.#db.getRange(range)) {
      return {
        second: key.readUInt32BE(1),
        client: key.readUInt32BE(5),
        clientId: value.toString('utf8', 4),
      };
    }
    return undefined;
  }

  /** A copy of one moment, without what is free in the file. */
  async copy(file: string): Promise<void> {
    await this.#db.backup(file, true);
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  #body(key: Buffer, seed: number, what: () => string): Buffer | undefined {
    const value = this.#db.getBinary(key);
    if (value === undefined) return undefined;
    if (!matches(value, seed)) throw new StoreError('E_CORRUPT', `${what()} is damaged: restore a backup`);
    return value.subarray(4);
  }
}

function nameOfValue(key: string): string {
  return `the value of key ${JSON.stringify(key)}`;
}

function matches(value: Buffer, seed: number): boolean {
  return value.byteLength >= 4 && value.readUInt32LE(0) === checksum(value.subarray(4), seed);
}

function seedOfRow(key: Buffer, clientSeed: number): number {
  return seedOf(clientSeed, key.readUInt32BE(5), key.readUInt32BE(9));
}

function isLogRow(key: Buffer, value: Buffer, clientSeed: number): boolean {
  return matches(value, seedOfRow(key, clientSeed));
}
