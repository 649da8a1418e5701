import type { ServerStore } from '../server-store.js';
import { equal, fails, ok } from './assert.js';
import {
  done,
  numberOf,
  numbersIn,
  PLENTY,
  publish,
  type Runner,
  range,
  readAll,
  type StoreIt,
} from './tools.js';

export function logTests(runner: Runner, it: StoreIt<ServerStore>): void {
  runner.describe('log', () => {
    it('is empty for a client never heard of', async (store) => {
      equal(await store.readLog('a', -1n, PLENTY), { entries: [], removedUpTo: 0n, head: 0n }, 'chunk');
    });

    it('begins at the oldest for -1n and 0n, and after the cursor otherwise', async (store) => {
      const orders = await done(store, { publishes: range(10).map((n) => publish('a', n)) });
      for (const start of [-1n, 0n]) {
        const { entries } = await store.readLog('a', start, PLENTY);
        equal(
          entries.map((entry) => numberOf(entry.json)),
          range(10),
          `from ${start}`,
        );
      }
      for (const [i, order] of orders.entries()) {
        const { entries, head } = await store.readLog('a', order, PLENTY);
        equal(
          entries.map((entry) => entry.order),
          orders.slice(i + 1),
          `after entry ${i}`,
        );
        equal(head, orders.at(-1), 'head');
      }
    });

    it('answers a cursor beyond the head with the head and no entries', async (store) => {
      const [order] = await done(store, { publishes: [publish('a', 1)] });
      for (const after of [order! + 1n, 2n ** 62n]) {
        equal(
          await store.readLog('a', after, PLENTY),
          { entries: [], removedUpTo: 0n, head: order },
          `${after}`,
        );
      }
    });

    it('keeps to count', async (store) => {
      await done(store, { publishes: range(10).map((n) => publish('a', n)) });
      for (const count of [1, 3, 9, 10, 11]) {
        const { entries } = await store.readLog('a', 0n, { ...PLENTY, count });
        equal(entries.length, Math.min(count, 10), `entries for count ${count}`);
        equal((await readAll(store, 'a', count)).length, 10, `all in chunks of ${count}`);
      }
    });

    it('keeps to bytes, but gives one entry if there is any', async (store) => {
      const sizes = [10, 20, 1000, 0, 0, 10];
      const publishes = sizes.map((size) => ({ clientId: 'a', json: new Uint8Array(size), timestamp: 0 }));
      const orders = await done(store, { publishes });
      const cases = [
        [0n, 1, [10]],
        [0n, 29, [10]],
        [0n, 30, [10, 20]],
        [orders[1]!, 30, [1000]],
        [orders[1]!, 1000, [1000, 0, 0]],
        [orders[2]!, 9, [0, 0]],
        [orders[2]!, 10, [0, 0, 10]],
      ] as const;
      for (const [after, bytes, expected] of cases) {
        const { entries } = await store.readLog('a', after, { count: 100, bytes });
        equal(
          entries.map(({ json }) => json.length),
          expected,
          `after ${after} within ${bytes} bytes`,
        );
      }
    });

    it('refuses limits that are no positive integers, and cursors that are no bigint', async (store) => {
      for (const wrong of [0, -1, 1.5, Number.NaN, Infinity]) {
        await fails(store.readLog('a', 0n, { ...PLENTY, count: wrong }), 'E_ARGUMENT', `count ${wrong}`);
        await fails(store.readLog('a', 0n, { ...PLENTY, bytes: wrong }), 'E_ARGUMENT', `bytes ${wrong}`);
      }
      await fails(store.readLog('a', 0 as unknown as bigint, PLENTY), 'E_ARGUMENT', 'a number as a cursor');
    });

    it('is each client’s own, with many side by side', async (store) => {
      const clients = range(200).map((n) => `client ${n}`);
      const rounds = range(5).map((round) =>
        done(store, { publishes: clients.map((clientId, n) => publish(clientId, round * 1000 + n)) }),
      );
      await Promise.all(rounds);
      for (const [n, clientId] of clients.entries()) {
        equal(
          await numbersIn(store, clientId),
          range(5).map((round) => round * 1000 + n),
          clientId,
        );
      }
    });
  });
}

export interface Bounds {
  readonly entriesPerClient: number;
  readonly refusalsPerClient: number;
  /**
   * Of the messages of all clients together, counted with at most 512 bytes beside the json of each. The oldest go first,
   * whosever they are. A store may take what came within one second for equally old; then the clients lose it in turns.
   */
  readonly totalBytes: number;
}

export const BOUNDS: Bounds = { entriesPerClient: 10, refusalsPerClient: 4, totalBytes: 120_000 };

/** For a store that keeps exactly {@link BOUNDS}. */
export function retentionTests(runner: Runner, it: StoreIt<ServerStore>): void {
  const { entriesPerClient, refusalsPerClient, totalBytes } = BOUNDS;

  runner.describe('retention', () => {
    it('says up to where the log is gone, and keeps the head', async (store) => {
      const orders = await done(store, { publishes: range(25).map((n) => publish('a', n)) });
      const expected = { removedUpTo: orders[24 - entriesPerClient]!, head: orders[24]! };
      const { entries, removedUpTo, head } = await store.readLog('a', 0n, PLENTY);
      equal({ removedUpTo, head }, expected, 'chunk');
      equal(
        entries.map((entry) => numberOf(entry.json)),
        range(entriesPerClient, 25 - entriesPerClient),
        'entries',
      );
      const record = await store.read('a');
      equal({ removedUpTo: record.removedUpTo, head: record.head }, expected, 'record');
      const claim = await store.claim('a', 'any');
      equal({ removedUpTo: claim.removedUpTo, head: claim.head }, expected, 'claim');
    });

    it('leaves no hole that a reader cannot see', async (store) => {
      const seen: bigint[] = [];
      const given: bigint[] = [];
      let cursor = 0n;
      let gaps = 0;
      for (const n of range(60)) {
        given.push(...(await done(store, { publishes: range(1 + (n % 4)).map(() => publish('a', n)) })));
        if (n % 7 < 4) continue;
        const { entries, removedUpTo } = await store.readLog('a', cursor, { ...PLENTY, count: 4 });
        // What lies between the cursor and removedUpTo is told as gone; everything else must be seen.
        if (removedUpTo > cursor) {
          gaps += 1;
          seen.push(...given.filter((order) => order > cursor && order <= removedUpTo));
        }
        ok(
          entries.every(({ order }) => order > removedUpTo && order > cursor),
          'entries lie above both',
        );
        seen.push(...entries.map(({ order }) => order));
        cursor = entries.at(-1)?.order ?? cursor;
      }
      ok(gaps > 0, 'the reader fell behind at least once');
      equal(seen, given.slice(0, seen.length), 'seen or told as gone');
    });

    it('is per client', async (store) => {
      await done(store, { publishes: [publish('quiet', 1), ...range(25).map((n) => publish('loud', n))] });
      equal(await numbersIn(store, 'quiet'), [1], 'log of the quiet one');
      equal((await store.read('quiet')).removedUpTo, 0n, 'removedUpTo of the quiet one');
    });

    it('over all clients takes the oldest from each, and leaves each its newest', async (store) => {
      const clients = range(5).map((n) => `client ${n}`);
      const json = new Uint8Array(10_000);
      for (const round of range(entriesPerClient)) {
        for (const clientId of clients) {
          await done(store, { publishes: [{ clientId, json, timestamp: round }] });
        }
      }
      // What the last commit added may be too much until the next one.
      await done(store, {});
      const logs = await Promise.all(clients.map((clientId) => readAll(store, clientId)));
      for (const [n, log] of logs.entries()) {
        equal(
          log.map(({ timestamp }) => timestamp),
          range(log.length, entriesPerClient - log.length),
          `the newest ${log.length} of ${clients[n]}`,
        );
      }
      const counts = logs.map(({ length }) => length);
      ok(Math.max(...counts) - Math.min(...counts) <= 2, `all keep about as many: ${counts}`);
      const kept = counts.reduce((sum, count) => sum + count, 0) * json.length;
      ok(kept <= totalBytes && kept >= totalBytes * 0.8, `${kept} bytes are kept of at most ${totalBytes}`);
    });

    it('lets the oldest refusals go, and says up to where', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      const seen: unknown[] = [];
      const expected: unknown[] = [];
      // Every other message is refused, so that what was removed last is not simply what lies below the oldest kept.
      const refused: bigint[] = [];
      for (const n of range(20)) {
        const sequence = BigInt(n);
        const refusal = n % 2 === 1 && { refusal: `r${n}` };
        if (refusal) refused.push(sequence);
        await done(store, { session, sequence, ...refusal });
        const chunk = await store.refusals('a', -1n);
        seen.push([chunk.refusals.map((each) => each.sequence), chunk.removedUpTo]);
        const removed = Math.max(0, refused.length - refusalsPerClient);
        expected.push([refused.slice(removed), refused[removed - 1] ?? -1n]);
      }
      equal(seen, expected, 'kept refusals and removedUpTo after each commit');
      const { refusals, removedUpTo } = await store.refusals('a', 15n);
      equal([refusals.length, removedUpTo], [2, 11n], 'a cursor above removedUpTo');
    });

    it('says up to where refusals went, also of one commit behind the other', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      const commits = range(10).map((n) => done(store, { session, sequence: BigInt(n), refusal: `r${n}` }));
      await Promise.all(commits);
      const { refusals, removedUpTo } = await store.refusals('a', -1n);
      equal(
        refusals.map(({ sequence }) => Number(sequence)),
        range(refusalsPerClient, 10 - refusalsPerClient),
        'kept refusals',
      );
      equal(removedUpTo, BigInt(9 - refusalsPerClient), 'removedUpTo');
      equal((await store.refusals('b', -1n)).removedUpTo, -1n, 'removedUpTo of another client');
    });
  });
}
