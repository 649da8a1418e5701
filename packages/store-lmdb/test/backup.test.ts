import { afterAll, describe, expect, it } from 'vitest';
import { type LmdbServerStore, openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';
import { expectCode, json, PLENTY, publish, textsOf } from './tools.js';

const { directory, remove } = scratch();
afterAll(remove);

/** Commits until it is stopped: each of its messages is put and published together. */
function writer(store: LmdbServerStore) {
  let going = true;
  let count = 0;
  const done = (async () => {
    const { epoch } = await store.claim('a', 'any');
    for (; going; count++) {
      const publishes = ['a', 'b'].map((clientId) => ({ clientId, json: json(count), timestamp: 0 }));
      const puts = [{ key: 'count', value: json(count) }];
      const session = { clientId: 'a', epoch };
      await store.commit({ session, sequence: BigInt(count), publishes, puts }).flushed;
    }
  })();
  return {
    done,
    count: () => count,
    stop: () => {
      going = false;
    },
  };
}

describe('a backup', () => {
  it('that is copied while the store is written is one moment, and can be opened [D8]', async () => {
    const [path, copy] = [directory(), directory()];
    const store = await openLmdbStore(path);
    const load = writer(store);
    while (load.count() < 20) await new Promise(setImmediate);
    await store.backup(copy);
    load.stop();
    await load.done;
    await expectCode(store.backup(copy), 'E_ARGUMENT');
    // The original is still open: a backup of it is a store of its own.
    const restored = await openLmdbStore(copy);
    const { lastSequence, head } = await restored.read('a');
    expect(lastSequence).toBeGreaterThanOrEqual(19n);
    expect(head).toBe(lastSequence + 1n);
    const texts = Array.from({ length: Number(head) }, (_, n) => String(n));
    expect([await textsOf(restored, 'a'), await textsOf(restored, 'b')]).toEqual([texts, texts]);
    expect(new TextDecoder().decode(await restored.get('count'))).toBe(String(lastSequence));
    expect(await publish(restored, 'a', 'on')).toEqual([head + 1n]);
    await restored.close();
    await store.close();
  });

  it('is not made where other files are', async () => {
    const store = await openLmdbStore(directory());
    const other = directory();
    await (await openLmdbStore(other)).close();
    await expectCode(store.backup(`${other}/store`), 'E_FORMAT');
    await store.close();
  });
});

describe('ORDER that is raised after a restore', () => {
  it('is larger than any given before, and readers below it are told [P17]', async () => {
    const [path, copy] = [directory(), directory()];
    const store = await openLmdbStore(path);
    await publish(store, 'a', 1, 2);
    await store.backup(copy);
    await publish(store, 'a', 3, 4, 5);
    await publish(store, 'late', 1);
    await store.close();

    const restored = await openLmdbStore(copy);
    expect(await restored.readLog('a', 5n, PLENTY)).toEqual({ entries: [], removedUpTo: 0n, head: 2n });
    await restored.raiseOrders(1000n);
    await restored.raiseOrders(1000n);
    await restored.raiseOrders(7n);
    for (const cursor of [0n, 1n, 5n, 999n]) {
      expect(await restored.readLog('a', cursor, PLENTY)).toEqual({
        entries: [],
        removedUpTo: 1000n,
        head: 1000n,
      });
    }
    expect(await publish(restored, 'a', 'new')).toEqual([1001n]);
    expect(await publish(restored, 'late', 'new')).toEqual([1001n]);
    expect((await restored.read('late')).removedUpTo).toBe(1000n);
    await restored.close();
    const again = await openLmdbStore(copy);
    expect(await textsOf(again, 'a')).toEqual(['new']);
    expect(await publish(again, 'stranger', 'new')).toEqual([1001n]);
    await again.close();
  });

  it('may be raised while others publish', async () => {
    const store = await openLmdbStore(directory());
    const load = writer(store);
    while (load.count() < 5) await new Promise(setImmediate);
    await store.raiseOrders(500n);
    const before = load.count();
    while (load.count() < before + 5) await new Promise(setImmediate);
    load.stop();
    await load.done;
    const { entries, removedUpTo, head } = await store.readLog('b', 0n, PLENTY);
    expect(removedUpTo).toBe(500n);
    expect(entries.map(({ order }) => order)).toEqual(entries.map((_, i) => 501n + BigInt(i)));
    expect(entries.at(-1)?.order).toBe(head);
    await store.close();
  });

  it('is refused beyond what ORDER may be', async () => {
    const store = await openLmdbStore(directory());
    for (const to of [-1n, 2n ** 62n, 5 as unknown as bigint])
      await expectCode(store.raiseOrders(to), 'E_ARGUMENT');
    await store.close();
  });
});
