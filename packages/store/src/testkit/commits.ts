import { STORE_LIMITS } from '../limits.js';
import type { Commit, ServerStore } from '../server-store.js';
import { equal, fails, ok, turn } from './assert.js';
import {
  AWKWARD_NAMES,
  bytesOf,
  done,
  numbersIn,
  publish,
  type Runner,
  range,
  readAll,
  refusalsOf,
  type StoreIt,
} from './tools.js';

/** Each is refused for itself, whatever the store holds. */
function malformed(session: { clientId: string; epoch: bigint }): Record<string, Commit> {
  const big = new Uint8Array(STORE_LIMITS.json);
  const put = { key: 'k', value: bytesOf(1) };
  return {
    'a sequence without a session': { sequence: 0n },
    'a layout without a session': { layout: 'documented' },
    'a refusal without a sequence': { session, refusal: 'no' },
    'a sequence below 0n': { session, sequence: -1n },
    'a sequence that is a number': { session, sequence: 0 as unknown as bigint },
    'a refusal that is too long': { session, sequence: 0n, refusal: 'x'.repeat(STORE_LIMITS.refusal + 1) },
    'a layout that is too long': { session, layout: 'x'.repeat(STORE_LIMITS.layout + 1) },
    'a timestamp that is NaN': { publishes: [{ ...publish('a', 1), timestamp: Number.NaN }] },
    'a timestamp that is infinite': { publishes: [{ ...publish('a', 1), timestamp: Infinity }] },
    'json that is a string': { publishes: [{ ...publish('a', 1), json: '{}' as unknown as Uint8Array }] },
    'json that is too long': { publishes: [{ ...publish('a', 1), json: new Uint8Array(big.length + 1) }] },
    'a key that is too long': { puts: [{ ...put, key: 'x'.repeat(STORE_LIMITS.key + 1) }] },
    'a key with a lone surrogate': { puts: [{ ...put, key: '\udfff' }] },
    'a value that is undefined': { puts: [{ ...put, value: undefined as unknown as null }] },
    'too many items': { puts: new Array(STORE_LIMITS.commitItems + 1).fill(put) },
    'too many bytes': { publishes: new Array(5).fill({ ...publish('a', 1), json: big }) },
  };
}

export function commitTests(runner: Runner, it: StoreIt<ServerStore>): void {
  runner.describe('commits', () => {
    it('keep all of their parts together', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const orders = await done(store, {
        session: { clientId: 'a', epoch },
        sequence: 0n,
        refusal: 'not today',
        layout: 'documented',
        publishes: [publish('a', 1), publish('b', 2)],
        puts: [{ key: 'k', value: bytesOf(3) }],
      });
      equal(orders.length, 2, 'number of orders');
      equal(await numbersIn(store, 'a'), [1], 'log of a');
      equal(await numbersIn(store, 'b'), [2], 'log of b');
      equal(await store.get('k'), bytesOf(3), 'value');
      equal(await refusalsOf(store, 'a'), [{ sequence: 0n, reason: 'not today' }], 'refusals');
      equal((await store.read('a')).lastSequence, 0n, 'lastSequence');
    });

    it('keep nothing when they fail, and do not stand in the way of the next', async (store) => {
      const old = await store.claim('a', 'any');
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      const parts = {
        refusal: 'no',
        layout: 'deployed',
        publishes: [publish('a', 1), publish('stranger', 2)],
        puts: [{ key: 'k', value: bytesOf(1) }],
      };
      const before = await store.read('a');
      const bad = { ...publish('a', 1), timestamp: Number.NaN };
      const attempts: [string, Commit][] = [
        ['E_FENCED', { ...parts, session: { clientId: 'a', epoch: old.epoch }, sequence: 0n }],
        ['E_SEQUENCE', { ...parts, session, sequence: 1n }],
        ['E_COMMIT', { ...parts, session, sequence: 0n, publishes: [...parts.publishes, bad] }],
      ];
      for (const [code, commit] of attempts) {
        const receipt = store.commit(commit);
        const next = store.commit({});
        await fails(receipt.staged, code, 'staged');
        await fails(receipt.flushed, code, 'flushed');
        await next.flushed;
        equal(await store.read('a'), before, `record after ${code}`);
        equal(await readAll(store, 'a'), [], `log after ${code}`);
        equal((await store.read('stranger')).head, 0n, `head of the other after ${code}`);
        equal(await store.get('k'), undefined, `value after ${code}`);
        equal(await refusalsOf(store, 'a'), [], `refusals after ${code}`);
      }
      await done(store, { ...parts, session, sequence: 0n });
      equal(await numbersIn(store, 'a'), [1], 'log after the good one');
    });

    it('are refused with E_COMMIT when they are malformed, and never throw', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      for (const [what, commit] of Object.entries(malformed({ clientId: 'a', epoch }))) {
        await fails(done(store, commit), 'E_COMMIT', what);
      }
      equal(await readAll(store, 'a'), [], 'log');
    });

    it('let a caller watch only one of the two promises of a failure', async (store) => {
      store.commit({ sequence: 0n });
      await fails(store.commit({ sequence: 0n }).staged, 'E_COMMIT', 'staged alone');
      await fails(store.commit({ sequence: 0n }).flushed, 'E_COMMIT', 'flushed alone');
      // An unhandled rejection would be reported by the runner in this turn.
      await turn();
    });

    it('may be empty, as a barrier', async (store) => {
      const before = store.commit({ publishes: [publish('a', 1)] });
      let flushed = false;
      void before.flushed.then(() => {
        flushed = true;
      });
      equal(await done(store, {}), [], 'orders');
      ok(flushed, 'what was staged before the barrier is flushed at the barrier');
    });

    it('are flushed in the order of the calls', async (store) => {
      const seen: number[] = [];
      const receipts = range(50).map((n) =>
        store.commit({ publishes: [publish(`c${n % 3}`, n)] }).flushed.then(() => seen.push(n)),
      );
      await Promise.all(receipts);
      equal(seen, range(50), 'order of flushes');
    });

    it('get ascending ORDERs per client, index by index, as the log shows them', async (store) => {
      const given = new Map<string, bigint[]>([
        ['a', []],
        ['b', []],
      ]);
      const commits = range(20).map((n) => [
        publish('a', n),
        publish('b', n),
        publish('b', n),
        publish('a', n),
      ]);
      const receipts = await Promise.all(commits.map((publishes) => done(store, { publishes })));
      for (const [i, orders] of receipts.entries()) {
        equal(orders.length, 4, 'one ORDER for each publish');
        for (const [j, order] of orders.entries()) given.get(commits[i]![j]!.clientId)!.push(order);
      }
      for (const [clientId, orders] of given) {
        ok(
          orders.every((order, i) => order >= 1n && (i === 0 || order > orders[i - 1]!)),
          'ascending from 1n',
        );
        equal(
          (await readAll(store, clientId)).map((entry) => entry.order),
          orders,
          `log of ${clientId}`,
        );
      }
    });

    it('keep bytes and timestamps as they are', async (store) => {
      const all = Uint8Array.from(range(256));
      const shared = all.subarray(100, 103);
      const jsons = [new Uint8Array(0), all, shared, shared, new Uint8Array(100_000).fill(9)];
      const timestamps = [0, 0.1, -1.5, 1_700_000_000.123456, Number.MAX_VALUE];
      const publishes = jsons.map((json, i) => ({ clientId: 'a', json, timestamp: timestamps[i]! }));
      await done(store, { publishes });
      const entries = await readAll(store, 'a');
      equal(
        entries.map(({ json }) => json),
        jsons,
        'json',
      );
      equal(
        entries.map(({ timestamp }) => timestamp),
        timestamps,
        'timestamps',
      );
    });
  });

  runner.describe('puts', () => {
    it('write, replace and remove', async (store) => {
      equal(await store.get('k'), undefined, 'before');
      await done(store, { puts: [{ key: 'k', value: bytesOf(1) }] });
      equal(await store.get('k'), bytesOf(1), 'written');
      await done(store, { puts: [{ key: 'k', value: new Uint8Array(0) }] });
      equal(await store.get('k'), new Uint8Array(0), 'an empty value is a value');
      await done(store, {
        puts: [
          { key: 'k', value: null },
          { key: 'never', value: null },
        ],
      });
      equal(await store.get('k'), undefined, 'removed');
    });

    it('apply in order within a commit', async (store) => {
      const [one, two] = [bytesOf(1), bytesOf(2)];
      const puts = [
        { key: 'a', value: one },
        { key: 'a', value: two },
        { key: 'b', value: one },
        { key: 'b', value: null },
        { key: 'c', value: null },
        { key: 'c', value: one },
      ];
      await done(store, { puts });
      equal(
        [await store.get('a'), await store.get('b'), await store.get('c')],
        [two, undefined, one],
        'values',
      );
    });

    it('are seen by a get called after the commit', async (store) => {
      store.commit({ puts: [{ key: 'k', value: bytesOf(1) }] });
      equal(await store.get('k'), bytesOf(1), 'value');
    });

    it('take any well-formed key and refuse others', async (store) => {
      const keys = [...AWKWARD_NAMES, 'x'.repeat(STORE_LIMITS.key)];
      await done(store, { puts: keys.map((key, i) => ({ key, value: bytesOf(i) })) });
      for (const [i, key] of keys.entries()) equal(await store.get(key), bytesOf(i), JSON.stringify(key));
      await fails(store.get('x'.repeat(STORE_LIMITS.key + 1)), 'E_ARGUMENT', 'too long');
      await fails(store.get('\ud800'), 'E_ARGUMENT', 'lone surrogate');
    });
  });

  runner.describe('refusals', () => {
    it('are told ascending after a sequence', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      const commits = range(6).map((n) =>
        done(store, { session, sequence: BigInt(n), ...(n % 2 === 1 && { refusal: `r${n}` }) }),
      );
      const early = await store.refusals('a', -1n);
      const told = early.refusals.filter(({ sequence }) => sequence <= early.lastSequence);
      equal(told.length, early.refusals.length, 'refusals up to the last SEQUENCE of the same moment');
      equal(told.length, Math.floor((Number(early.lastSequence) + 1) / 2), 'all of them');
      await Promise.all(commits);
      const all = [1, 3, 5].map((n) => ({ sequence: BigInt(n), reason: `r${n}` }));
      equal(await refusalsOf(store, 'a'), all, 'all');
      equal(await refusalsOf(store, 'a', 0n), all, 'after 0n');
      equal(await refusalsOf(store, 'a', 1n), all.slice(1), 'after 1n');
      equal(await refusalsOf(store, 'a', 5n), [], 'after the last');
      equal(await refusalsOf(store, 'b'), [], 'of another client');
      equal((await store.refusals('a', 5n)).lastSequence, 5n, 'last SEQUENCE');
      for (const clientId of ['a', 'b']) {
        equal((await store.refusals(clientId, -1n)).removedUpTo, -1n, `removed of ${clientId}`);
      }
    });
  });
}
