import type { ServerStore } from '../server-store.js';
import { equal, ok, turn, within } from './assert.js';
import { done, numberOf, publish, type Runner, range, type StoreIt, seeded } from './tools.js';

/** Resolves when the head that was told reaches `head`. */
function headReached(store: ServerStore, clientId: string, head: () => bigint): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.watch(clientId, (told) => {
      if (told < head()) return;
      stop();
      resolve();
    });
  });
}

/** A reader as a server has it: watch first, read to the end, wait, read on. */
export async function follow(
  store: ServerStore,
  clientId: string,
  total: number,
  chunk: () => number,
): Promise<number[]> {
  const seen: number[] = [];
  let wake = () => {};
  let moved = false;
  const stop = store.watch(clientId, () => {
    moved = true;
    wake();
  });
  for (let cursor = -1n; seen.length < total; ) {
    moved = false;
    const { entries } = await store.readLog(clientId, cursor, { count: chunk(), bytes: 1 + 4 * chunk() });
    for (const entry of entries) seen.push(numberOf(entry.json));
    cursor = entries.at(-1)?.order ?? cursor;
    if (entries.length === 0 && !moved) {
      const waiting = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await within(waiting, `a call of the watcher after entry ${seen.length} of ${total}`);
    }
  }
  stop();
  return seen;
}

export function watchTests(runner: Runner, it: StoreIt<ServerStore>): void {
  runner.describe('watch', () => {
    it('tells the head once it is readable, never from within commit or watch', async (store) => {
      const told: bigint[] = [];
      await done(store, { publishes: [publish('a', 0)] });
      await turn();
      store.watch('a', (head) => told.push(head));
      equal(told, [], 'right after watch, though there is a head');
      let head = 0n;
      const reached = headReached(store, 'a', () => head);
      const receipt = store.commit({ publishes: [publish('a', 1), publish('a', 2)] });
      head = 2n ** 63n;
      equal(told, [], 'right after commit');
      head = (await receipt.flushed).at(-1)!;
      // The watcher may have been told before `head` was known: ask once more with a commit that is behind it.
      if (told.at(-1) !== head) await within(reached, 'a call with the newest head');
      equal(told.at(-1), head, 'told');
      ok(
        told.every((value, i) => i === 0 || value > told[i - 1]!),
        'heads ascend',
      );
    });

    it('tells nothing of what happened before, of other clients, or of failures', async (store) => {
      const told: bigint[] = [];
      const before = store.commit({ publishes: [publish('a', 1)] });
      await before.flushed;
      await turn();
      store.watch('a', (head) => told.push(head));
      await done(store, { publishes: [publish('b', 1)], puts: [{ key: 'a', value: null }] });
      await store.commit({ publishes: [publish('a', 1)], sequence: 0n }).staged.catch(() => {});
      await store.claim('a');
      await done(store, {});
      await turn();
      equal(told, [], 'told');
    });

    it('tells every watcher, and none that has stopped', async (store) => {
      const stopped: bigint[] = [];
      const stop = store.watch('a', (head) => stopped.push(head));
      stop();
      stop();
      const head = 1n;
      const [first, second] = [headReached(store, 'a', () => head), headReached(store, 'a', () => head)];
      await done(store, { publishes: [publish('a', 1)] });
      await within(Promise.all([first, second]), 'both watchers told');
      equal(stopped, [], 'told after stop');
    });

    it('stops at once when a watcher stops itself or another', async (store) => {
      const told: string[] = [];
      const stopFirst = store.watch('a', () => {
        told.push('first');
        stopFirst();
        stopSecond();
      });
      const stopSecond = store.watch('a', () => {
        told.push('second');
        stopFirst();
        stopSecond();
      });
      const last = headReached(store, 'a', () => 1n);
      await done(store, { publishes: [publish('a', 1)] });
      await within(last, 'the last watcher told');
      equal(told.length, 1, 'calls of the two that stop each other');
    });

    it('tells a claim', async (store) => {
      const first = await store.claim('a');
      await turn();
      const told: bigint[] = [];
      const claimed = new Promise<bigint>((resolve) => {
        store.watch(
          'a',
          (head) => told.push(head),
          (epoch) => epoch > first.epoch && resolve(epoch),
        );
      });
      const { epoch } = await store.claim('a');
      equal(await within(claimed, 'a call of onClaim'), epoch, 'epoch');
      equal(told, [], 'heads');
    });

    it('leaves no seam: a reader sees each entry once, in order, while others write', async (store) => {
      for (const seed of range(8)) {
        const random = seeded(seed);
        const clientId = `seed ${seed}`;
        const total = 150;
        const readers = range(3).map(() => follow(store, clientId, total, () => 1 + random(9)));
        for (let n = 0; n < total; ) {
          const batch = range(Math.min(1 + random(6), total - n), n);
          const { flushed } = store.commit({ publishes: batch.map((k) => publish(clientId, k)) });
          n += batch.length;
          const pause = random(4);
          if (pause === 1) await turn();
          if (pause === 2) await flushed;
          if (pause === 3) await Promise.resolve();
        }
        readers.push(follow(store, clientId, total, () => 1 + random(50)));
        for (const seen of await Promise.all(readers))
          equal(seen, range(total), `entries seen with seed ${seed}`);
      }
    });
  });
}
