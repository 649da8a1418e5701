import type { LogChunk, ServerStore } from '../server-store.js';
import { equal, fails, ok, turn, until, within } from './assert.js';
import { done, numberOf, publish, type Runner, range, type StoreIt, seeded } from './tools.js';

/** Resolves when the head that was told reaches `head`. */
function headReached(store: ServerStore, clientId: string, head: bigint): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.watch(clientId, (told) => {
      if (told < head) return;
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
    for (const entry of entries) {
      ok(entry.order > cursor, `entries after ${cursor} have a larger ORDER`);
      cursor = entry.order;
      seen.push(numberOf(entry.json));
    }
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
      await done(store, { publishes: [publish('a', 0)] });
      const told: bigint[] = [];
      const reads: (LogChunk | Promise<LogChunk>)[] = [];
      store.watch('a', (head) => {
        told.push(head);
        reads.push(store.readLog('a', head - 1n, { count: 1, bytes: 1 }));
      });
      equal(told, [], 'right after watch, though there is a head');
      const { flushed } = store.commit({ publishes: [publish('a', 1), publish('a', 2)] });
      equal(told, [], 'right after commit');
      const newest = (await flushed).at(-1);
      await until(() => told.at(-1) === newest, 'a call with the newest head');
      const read = (await Promise.all(reads)).map(({ entries }) => entries[0]?.order);
      equal(read, told, 'what could be read when each head was told');
      ok(
        told.every((head, i) => i === 0 || head > told[i - 1]!),
        'heads ascend',
      );
    });

    it('tells nothing of other clients, of failures, or of commits without publishes', async (store) => {
      const told: bigint[] = [];
      store.watch('a', (head) => told.push(head));
      await done(store, { publishes: [publish('b', 1)], puts: [{ key: 'a', value: null }] });
      await fails(
        store.commit({ publishes: [publish('a', 1)], sequence: 0n }).staged,
        'E_COMMIT',
        'malformed',
      );
      const { epoch } = await store.claim('a', 'any');
      await done(store, { session: { clientId: 'a', epoch }, sequence: 0n });
      await turn();
      equal(told, [], 'told');
    });

    it('tells every watcher, and none that has stopped', async (store) => {
      const stopped: bigint[] = [];
      const stop = store.watch('a', (head) => stopped.push(head));
      stop();
      stop();
      const [first, second] = [headReached(store, 'a', 1n), headReached(store, 'a', 1n)];
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
      const last = headReached(store, 'a', 1n);
      await done(store, { publishes: [publish('a', 1)] });
      await within(last, 'the last watcher told');
      equal(told.length, 1, 'calls of the two that stop each other');
    });

    it('tells a claim', async (store) => {
      const first = await store.claim('a', 'any');
      await turn();
      const told: bigint[] = [];
      const claimed = new Promise<bigint>((resolve) => {
        store.watch(
          'a',
          (head) => told.push(head),
          (epoch) => epoch > first.epoch && resolve(epoch),
        );
      });
      const { epoch } = await store.claim('a', 'any');
      equal(await within(claimed, 'a call of onClaim'), epoch, 'epoch');
      equal(told, [], 'heads');
    });

    it('leaves no seam: a reader sees each entry once, in order, while others write', async (store) => {
      for (const seed of range(8)) {
        const random = seeded(seed);
        const clientId = `seed ${seed}`;
        const total = 150;
        const write = async () => {
          for (let n = 0; n < total; ) {
            const batch = range(Math.min(1 + random(6), total - n), n);
            const { flushed } = store.commit({ publishes: batch.map((k) => publish(clientId, k)) });
            n += batch.length;
            const pause = random(4);
            if (pause === 1) await turn();
            if (pause === 2) await flushed;
            if (pause === 3) await Promise.resolve();
          }
        };
        const read = () => follow(store, clientId, total, () => 1 + random(9));
        const [early, second, , late] = await Promise.all([read(), read(), write(), turn().then(read)]);
        for (const seen of [early, second, late]) equal(seen, range(total), `entries seen with seed ${seed}`);
      }
    });
  });
}
