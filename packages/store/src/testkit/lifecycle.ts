import type { ServerStore } from '../server-store.js';
import { equal, fails, ok, throws, turn, within } from './assert.js';
import { listAll } from './listing.js';
import {
  bytesOf,
  consume,
  done,
  numbersIn,
  type Open,
  PLENTY,
  publish,
  type Runner,
  range,
  readAll,
  refusalsOf,
  type StoreIt,
} from './tools.js';
import { follow } from './watching.js';

export function closeTests(runner: Runner, it: StoreIt<ServerStore>): void {
  runner.describe('close', () => {
    it('makes every later call fail with E_CLOSED, and may come again', async (store) => {
      const told: bigint[] = [];
      const stop = store.watch('a', (head) => told.push(head));
      await store.close();
      await store.close();
      await fails(store.read('a'), 'E_CLOSED', 'read');
      await fails(store.claim('a', 'any'), 'E_CLOSED', 'claim');
      await fails(store.readLog('a', 0n, PLENTY), 'E_CLOSED', 'readLog');
      await fails(store.refusals('a', 0n), 'E_CLOSED', 'refusals');
      await fails(store.get('k'), 'E_CLOSED', 'get');
      await fails(store.list({ prefix: '', limit: PLENTY }), 'E_CLOSED', 'list');
      const receipt = store.commit({ publishes: [publish('a', 1)] });
      await fails(receipt.staged, 'E_CLOSED', 'staged');
      await fails(receipt.flushed, 'E_CLOSED', 'flushed');
      throws(() => store.watch('a', () => {}), 'E_CLOSED', 'watch');
      stop();
      equal(told, [], 'told');
    });

    it('flushes what is staged', async (store) => {
      const { staged, flushed } = store.commit({ publishes: [publish('a', 1)] });
      await store.close();
      await staged;
      equal((await flushed).length, 1, 'orders');
    });

    it('ends the calls of watchers', async (store) => {
      let closed = false;
      let late = 0;
      store.watch('a', () => {
        if (closed) late += 1;
      });
      const { flushed } = store.commit({ publishes: [publish('a', 1)] });
      await store.close();
      closed = true;
      await flushed;
      await turn();
      equal(late, 0, 'calls after close');
    });
  });
}

/** `reopen` ends the store as its process would end, after `close` or without it, and opens what it left. */
export function durabilityTests<S extends ServerStore>(
  runner: Runner,
  open: Open<S>,
  reopen: (store: S) => S | Promise<S>,
): void {
  const it = (name: string, body: (store: S, again: () => Promise<S>) => Promise<void>) =>
    runner.it(name, async () => {
      let store = await open();
      const again = async () => {
        store = await reopen(store);
        return store;
      };
      try {
        await body(store, again);
      } finally {
        await store.close();
      }
    });

  runner.describe('durability', () => {
    it('keeps everything that was flushed', async (store, again) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      await done(store, {
        session,
        sequence: 0n,
        layout: 'documented',
        publishes: [publish('a', 1), publish('b', 2)],
      });
      await done(store, { session, sequence: 1n, refusal: 'no', puts: [{ key: 'k', value: bytesOf(3) }] });
      const record = await store.read('a');
      const log = await readAll(store, 'a');
      const next = await again();
      equal(await next.read('a'), record, 'record');
      equal(await readAll(next, 'a'), log, 'log');
      equal(await numbersIn(next, 'b'), [2], 'log of the other');
      equal(await refusalsOf(next, 'a'), [{ sequence: 1n, reason: 'no' }], 'refusals');
      equal(await next.get('k'), bytesOf(3), 'value');
      equal(await listAll(next, ''), [{ key: 'k', value: bytesOf(3) }], 'list of values');
    });

    it('goes on with SEQUENCE and ORDER where it was, with a larger epoch', async (store, again) => {
      const { epoch } = await store.claim('a', 'any');
      const [order] = await done(store, {
        session: { clientId: 'a', epoch },
        sequence: 0n,
        publishes: [publish('a', 1)],
      });
      const next = await again();
      const claim = await next.claim('a', 'any');
      ok(claim.epoch > epoch, 'the epoch grew');
      const old = { clientId: 'a', epoch };
      await fails(done(next, { session: old, sequence: 1n }), 'E_FENCED', 'epoch of before');
      const session = { clientId: 'a', epoch: claim.epoch };
      await fails(done(next, { session, sequence: 0n }), 'E_SEQUENCE', 'sequence of before');
      const [later] = await done(next, { session, sequence: 1n, publishes: [publish('a', 2)] });
      ok(later! > order!, 'the ORDER grew');
      equal(await numbersIn(next, 'a'), [1, 2], 'log');
    });

    it('survives many restarts', async (store, again) => {
      let current = store;
      for (const n of range(5)) {
        await consume(current, 'a', BigInt(n), 1);
        await done(current, { publishes: [publish('a', n)] });
        current = await again();
      }
      equal(await numbersIn(current, 'a'), range(5), 'log');
      equal((await current.read('a')).lastSequence, 4n, 'lastSequence');
    });
  });
}

/** For stores that several servers work on at once. */
export function sharingTests<S extends ServerStore>(
  runner: Runner,
  it: StoreIt<S>,
  another: (store: S) => ServerStore | Promise<ServerStore>,
): void {
  const shared = (name: string, body: (one: ServerStore, two: ServerStore) => Promise<void>) =>
    it(name, async (one) => {
      const two = await another(one);
      try {
        await body(one, two);
      } finally {
        await two.close();
      }
    });

  runner.describe('several servers', () => {
    shared('fence one another, and tell it', async (one, two) => {
      const old = await one.claim('a', 'any');
      const claimed = new Promise<bigint>((resolve) => {
        one.watch(
          'a',
          () => {},
          (epoch) => epoch > old.epoch && resolve(epoch),
        );
      });
      const { epoch } = await two.claim('a', 'any');
      ok(epoch > old.epoch, 'the epoch grew');
      const late = { session: { clientId: 'a', epoch: old.epoch }, sequence: 0n };
      await fails(done(one, late), 'E_FENCED', 'late commit of the first server');
      equal(await within(claimed, 'onClaim at the first server'), epoch, 'epoch told');
      await done(two, { session: { clientId: 'a', epoch }, sequence: 0n });
      equal((await one.read('a')).lastSequence, 0n, 'read by the first server');
    });

    shared('write one log in one order that readers at either see whole', async (one, two) => {
      const total = 200;
      const readers = [one, two].map((store) => follow(store, 'a', total, () => 7));
      const writes = range(total).map((n) => done(n % 2 === 0 ? one : two, { publishes: [publish('a', n)] }));
      const [[first, second], receipts] = await Promise.all([Promise.all(readers), Promise.all(writes)]);
      const orders = receipts.map(([order]) => order!);
      equal(new Set(orders).size, total, 'different ORDERs');
      equal(first, second, 'what the two readers saw');
      equal(new Set(first).size, total, 'each entry once');
      const sorted = range(total).sort((a, b) => (orders[a]! < orders[b]! ? -1 : 1));
      equal(first, sorted, 'ascending by ORDER');
    });

    shared('close on their own', async (one, two) => {
      await two.close();
      await done(one, { publishes: [publish('a', 1)] });
      equal(await numbersIn(one, 'a'), [1], 'log');
    });
  });
}
