import type { KeyValue } from '@sealwire/store';
import { openLmdbStore } from '@sealwire/store-lmdb';
import type { Effect, EventPayload } from '../records.js';

export interface ClientTruth {
  readonly lastSequence: bigint;
  readonly head: bigint;
  readonly removedUpTo: bigint;
  /** In no order: it is the checker's to find one. */
  readonly effects: readonly Effect[];
  /** Keys of the calls that left something. */
  readonly marks: ReadonlySet<string>;
  /** What the log holds, and what it held when it was looked at before. */
  readonly log: ReadonlyMap<bigint, EventPayload>;
}

/** What the server's database holds. */
export type Truth = ReadonlyMap<string, ClientTruth>;

const page = { count: 2_000, bytes: 4_194_304 };
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * Reads the database of a server that has ended, in this process.
 *
 * @param before what it held earlier: retention may have removed some of it since
 */
export async function readTruth(data: string, clientIds: readonly string[], before?: Truth): Promise<Truth> {
  const store = await openLmdbStore(data);
  const all = async (prefix: string): Promise<KeyValue[]> => {
    const found: KeyValue[] = [];
    for (;;) {
      const next = await store.list({ prefix, after: found.at(-1)?.key, limit: page });
      if (next.length === 0) return found;
      for (const one of next) found.push(one);
    }
  };
  const readLog = async (clientId: string): Promise<Map<bigint, EventPayload>> => {
    const log = new Map(before?.get(clientId)?.log);
    for (let cursor = 0n; ; ) {
      const { entries } = await store.readLog(clientId, cursor, page);
      if (entries.length === 0) return log;
      for (const { order, json } of entries) {
        log.set(order, JSON.parse(textOf(json)) as EventPayload);
        cursor = order;
      }
    }
  };
  try {
    const truth = new Map<string, ClientTruth>();
    for (const id of clientIds) {
      const { lastSequence, head, removedUpTo } = await store.read(id);
      const effects = await all(`effect/${id}/`);
      const marks = await all(`mark/${id}/`);
      truth.set(id, {
        ...{ lastSequence, head, removedUpTo },
        effects: effects.map(({ value }) => JSON.parse(textOf(value)) as Effect),
        marks: new Set(marks.map(({ key }) => key.slice(`mark/${id}/`.length))),
        log: await readLog(id),
      });
    }
    return truth;
  } finally {
    await store.close();
  }
}
