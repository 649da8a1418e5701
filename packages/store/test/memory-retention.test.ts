import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTRY_COST, memoryServerStore, type ServerStore } from '../src/index.js';

const PLENTY = { count: 100_000, bytes: 1 << 30 };

async function publish(store: ServerStore, clientId: string, ...sizes: number[]): Promise<void> {
  const publishes = sizes.map((size) => ({ clientId, json: new Uint8Array(size), timestamp: 0 }));
  await store.commit({ publishes }).flushed;
}

async function sizesIn(store: ServerStore, clientId: string): Promise<number[]> {
  const { entries, removedUpTo, head } = await store.readLog(clientId, 0n, PLENTY);
  // Whatever is removed: the log is what lies above removedUpTo, up to head, without a hole.
  expect(entries.map(({ order }) => order)).toEqual(entries.map((_, i) => removedUpTo + BigInt(i + 1)));
  expect(removedUpTo + BigInt(entries.length)).toBe(head);
  return entries.map(({ json }) => json.length);
}

describe('retention', () => {
  it('keeps a client within its bytes, of which each message costs some more', async () => {
    const store = memoryServerStore({ maxBytesPerClient: 100 + 3 * ENTRY_COST });
    await publish(store, 'a', 40, 40, 20);
    expect(await sizesIn(store, 'a')).toEqual([40, 40, 20]);
    await publish(store, 'a', 1);
    expect(await sizesIn(store, 'a')).toEqual([40, 20, 1]);
    await publish(store, 'a', 100 + 2 * ENTRY_COST);
    expect(await sizesIn(store, 'a')).toEqual([100 + 2 * ENTRY_COST]);
  });

  it('refuses a message that is larger than all the room of a client', async () => {
    const store = memoryServerStore({ maxBytesPerClient: 1000 });
    await publish(store, 'a', 1);
    const commit = { publishes: [{ clientId: 'a', json: new Uint8Array(1001 - ENTRY_COST), timestamp: 0 }] };
    await expect(store.commit(commit).flushed).rejects.toMatchObject({ code: 'E_FULL' });
    expect(await sizesIn(store, 'a')).toEqual([1]);
  });

  it('removes what is older than maxAge by its own clock, timestamps notwithstanding [C6]', async () => {
    let now = 1000;
    const store = memoryServerStore({ maxAge: 100, now: () => now });
    await publish(store, 'a', 1);
    now = 1050;
    await publish(store, 'a', 2);
    await publish(store, 'b', 3);
    now = 1100;
    expect(await sizesIn(store, 'a')).toEqual([1, 2]);
    now = 1101;
    expect(await sizesIn(store, 'a')).toEqual([2]);
    now = 1151;
    expect(await store.read('b')).toMatchObject({ head: 1n, removedUpTo: 1n });
    expect(await sizesIn(store, 'a')).toEqual([]);
    expect(await store.read('a')).toMatchObject({ head: 2n, removedUpTo: 2n });
    await publish(store, 'a', 4);
    expect(await sizesIn(store, 'a')).toEqual([4]);
  });

  it('removes old refusals too', async () => {
    let now = 0;
    const store = memoryServerStore({ maxAge: 10, now: () => now });
    const { epoch } = await store.claim('a', 'any');
    const session = { clientId: 'a', epoch };
    await store.commit({ session, sequence: 0n, refusal: 'old' }).flushed;
    now = 6;
    await store.commit({ session, sequence: 1n, refusal: 'new' }).flushed;
    now = 11;
    expect(await store.refusals('a', -1n)).toEqual({
      lastSequence: 1n,
      refusals: [{ sequence: 1n, reason: 'new' }],
      removedUpTo: 0n,
    });
    expect(await store.read('a')).toMatchObject({ lastSequence: 1n });
  });

  it('keeps just what a plain model keeps: per client first, then the oldest of all', async () => {
    const client = fc.constantFrom('a', 'b', 'c');
    const commits = fc.array(fc.array(fc.tuple(client, fc.nat(300)), { maxLength: 8 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(commits, async (all) => {
        const bounds = { maxEntriesPerClient: 6, maxBytesPerClient: 2000, maxTotalBytes: 4000 };
        const store = memoryServerStore(bounds);
        let model: { clientId: string; size: number }[] = [];
        const cost = (items: typeof model) => items.reduce((sum, { size }) => sum + size + ENTRY_COST, 0);
        for (const commit of all) {
          const publishes = commit.map(([clientId, size]) => ({
            clientId,
            json: new Uint8Array(size),
            timestamp: 0,
          }));
          await store.commit({ publishes }).flushed;
          for (const [clientId, size] of commit) {
            model.push({ clientId, size });
            for (;;) {
              const own = model.filter((item) => item.clientId === clientId);
              if (own.length <= bounds.maxEntriesPerClient && cost(own) <= bounds.maxBytesPerClient) break;
              model = model.filter((item) => item !== own[0]);
            }
          }
          while (cost(model) > bounds.maxTotalBytes) model.shift();
          for (const clientId of ['a', 'b', 'c']) {
            const expected = model.filter((item) => item.clientId === clientId).map(({ size }) => size);
            expect(await sizesIn(store, clientId)).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds the oldest of all after thousands of messages that clients removed themselves', async () => {
    const store = memoryServerStore({ maxEntriesPerClient: 2, maxTotalBytes: 5 * (ENTRY_COST + 10) });
    await publish(store, 'quiet', 1, 2);
    for (let n = 0; n < 5000; n++) await publish(store, 'loud', 3);
    expect(await sizesIn(store, 'quiet')).toEqual([1, 2]);
    await publish(store, 'third', 4, 5);
    expect(await sizesIn(store, 'quiet')).toEqual([2]);
    expect(await sizesIn(store, 'loud')).toEqual([3, 3]);
    expect(await sizesIn(store, 'third')).toEqual([4, 5]);
  });
});
