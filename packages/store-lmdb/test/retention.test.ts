import type { ServerStore } from '@sealwire/store';
import { afterAll, describe, expect, it } from 'vitest';
import { type LmdbServerStore, type LmdbStoreOptions, openLmdbStore, ROW_COST } from '../src/index.js';
import { KIND } from '../src/keys.js';
import { scratch } from './scratch.js';
import { expectCode, json, PLENTY, publish, textsOf, withRows } from './tools.js';

const { directory, remove } = scratch();
afterAll(remove);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.UTC(2030, 0);

function clocked(options: LmdbStoreOptions) {
  const clock = { now: START };
  return { clock, options: { ...options, now: () => clock.now } };
}

async function removedUpTo(store: ServerStore, clientId: string): Promise<bigint> {
  return (await store.read(clientId)).removedUpTo;
}

describe('retention', () => {
  it('by bytes removes the oldest of a client and refuses what could never fit', async () => {
    const store = await openLmdbStore(directory(), { maxBytesPerClient: 10 * (100 + ROW_COST) });
    for (let n = 0; n < 25; n++) await publish(store, 'a', String(n).padEnd(100));
    expect((await textsOf(store, 'a')).map(Number)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
    await publish(store, 'a', 'x'.repeat(1000));
    expect((await textsOf(store, 'a')).length).toBe(4);
    await expectCode(publish(store, 'a', 'x'.repeat(10 * (100 + ROW_COST))), 'E_FULL');
    await store.close();
  });

  it('keeps its account over restarts', async () => {
    const path = directory();
    const options = { maxEntriesPerClient: 5, maxBytesPerClient: 1000, maxRefusals: 3 };
    for (let n = 0; n < 8; n++) {
      const store = await openLmdbStore(path, options);
      const { epoch, lastSequence } = await store.claim('a', 'any');
      const sequence = lastSequence + 1n;
      const commit = { session: { clientId: 'a', epoch }, sequence, refusal: `no ${n}` };
      await store.commit(commit).flushed;
      await publish(store, 'a', n);
      // What was forgotten before this process is told by this one.
      expect((await store.refusals('a', -1n)).removedUpTo).toBe(BigInt(Math.max(-1, n - 3)));
      if (n === 7) {
        expect(await textsOf(store, 'a')).toEqual(['3', '4', '5', '6', '7']);
        const { refusals, removedUpTo } = await store.refusals('a', -1n);
        expect(refusals.map(({ reason }) => reason)).toEqual(['no 5', 'no 6', 'no 7']);
        expect(removedUpTo).toBe(4n);
      }
      await store.close();
    }
  });

  it('applies a bound that was lowered at the next message of a client', async () => {
    const path = directory();
    const before = await openLmdbStore(path);
    await publish(before, 'a', ...Array.from({ length: 1000 }, (_, n) => n));
    await before.close();
    const after = await openLmdbStore(path, { maxEntriesPerClient: 3 });
    await publish(after, 'a', 1000);
    expect(await textsOf(after, 'a')).toEqual(['998', '999', '1000']);
    await after.close();
  });

  it('drops at once what a commit has too much of', async () => {
    const path = directory();
    const store = await openLmdbStore(path, { maxEntriesPerClient: 2 });
    // Too long to share a row.
    const texts = [1, 2, 3, 4, 5].map((n) => String(n).padEnd(900));
    expect(await publish(store, 'a', ...texts)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(await textsOf(store, 'a')).toEqual(texts.slice(3));
    await store.close();
    await withRows(path, (rows) => expect(rows.all(KIND.log)).toHaveLength(2));
  });

  it('removes a row when the last of its messages has gone', async () => {
    const path = directory();
    const rowsAfter = async (store: LmdbServerStore) => {
      await store.close();
      let count = 0;
      await withRows(path, (rows) => {
        count = rows.all(KIND.log).length;
      });
      return count;
    };
    const first = await openLmdbStore(path, { maxEntriesPerClient: 3 });
    await publish(first, 'a', 1, 2, 3, 4, 5);
    expect(await textsOf(first, 'a')).toEqual(['3', '4', '5']);
    expect(await rowsAfter(first)).toBe(1);
    const second = await openLmdbStore(path, { maxEntriesPerClient: 3 });
    await publish(second, 'a', 6, 7);
    expect(await textsOf(second, 'a')).toEqual(['5', '6', '7']);
    expect(await rowsAfter(second)).toBe(2);
    const third = await openLmdbStore(path, { maxEntriesPerClient: 3 });
    await publish(third, 'a', 8);
    expect(await textsOf(third, 'a')).toEqual(['6', '7', '8']);
    expect(await removedUpTo(third, 'a')).toBe(5n);
    expect(await rowsAfter(third)).toBe(2);
  });

  it('by age removes what is older, of every client, also of those that are silent', async () => {
    const path = directory();
    const { clock, options } = clocked({ maxAge: 10 * MINUTE });
    const store = await openLmdbStore(path, options);
    await publish(store, 'silent', 'old');
    await publish(store, 'loud', 'old');
    clock.now += 5 * MINUTE + 1000;
    await publish(store, 'loud', 'young');
    clock.now += 5 * MINUTE - 2000;
    await store.commit({}).flushed;
    expect(await textsOf(store, 'silent')).toEqual(['old']);
    clock.now += 2000;
    await store.commit({}).flushed;
    expect(await store.readLog('silent', 0n, PLENTY)).toEqual({ entries: [], removedUpTo: 1n, head: 1n });
    expect([await textsOf(store, 'loud'), await removedUpTo(store, 'loud')]).toEqual([['young'], 1n]);
    clock.now += 11 * MINUTE;
    await store.commit({}).flushed;
    expect(await textsOf(store, 'loud')).toEqual([]);
    expect(await publish(store, 'silent', 'new')).toEqual([2n]);
    clock.now += 11 * MINUTE;
    await store.commit({}).flushed;
    await store.close();
    await withRows(path, (rows) => {
      expect(rows.all(KIND.log)).toEqual([]);
      expect(rows.all(KIND.time)).toEqual([]);
    });
  });

  it('by age goes on over restarts', async () => {
    const path = directory();
    const { clock, options } = clocked({ maxAge: MINUTE });
    const before = await openLmdbStore(path, options);
    await publish(before, 'a', 'old');
    await before.close();
    clock.now += 2 * MINUTE;
    const after = await openLmdbStore(path, options);
    await after.commit({}).flushed;
    expect([await textsOf(after, 'a'), await removedUpTo(after, 'a')]).toEqual([[], 1n]);
    await after.close();
  });

  it('by age finds what was added before the clock stepped back to it, and what is newer beside it [C6]', async () => {
    const { clock, options } = clocked({ maxAge: 10 * MINUTE });
    const store = await openLmdbStore(directory(), options);
    clock.now += 60 * MINUTE;
    await publish(store, 'a', 'ahead');
    clock.now -= 60 * MINUTE;
    await publish(store, 'b', 'in time');
    clock.now += 11 * MINUTE;
    await store.commit({}).flushed;
    expect(await textsOf(store, 'b')).toEqual([]);
    expect(await textsOf(store, 'a')).toEqual(['ahead']);
    await store.close();
  });

  it('by age is early or late by as much as the clock jumps, and no more [C6]', async () => {
    const { clock, options } = clocked({ maxAge: 10 * MINUTE });
    const store = await openLmdbStore(directory(), options);
    await publish(store, 'a', 1);
    clock.now -= 60 * MINUTE;
    await publish(store, 'a', 2);
    await store.commit({}).flushed;
    expect(await textsOf(store, 'a')).toEqual(['1', '2']);
    clock.now += 65 * MINUTE;
    await store.commit({}).flushed;
    expect(await textsOf(store, 'a')).toEqual(['1', '2']);
    clock.now += 6 * MINUTE;
    await store.commit({}).flushed;
    expect(await textsOf(store, 'a')).toEqual([]);
    await store.close();
  });

  it('in all lets the oldest go, whosever they are, second by second', async () => {
    const { clock, options } = clocked({ maxTotalBytes: 100 * (100 + ROW_COST) });
    const store = await openLmdbStore(directory(), options);
    for (let n = 0; n < 200; n++) {
      clock.now += SECOND;
      await publish(store, `c${n % 10}`, String(n).padEnd(100));
    }
    await store.commit({}).flushed;
    const kept: number[] = [];
    for (let n = 0; n < 10; n++) kept.push(...(await textsOf(store, `c${n}`)).map(Number));
    kept.sort((a, b) => a - b);
    expect(kept).toEqual(Array.from({ length: 100 }, (_, n) => 100 + n));
    await store.close();
  });

  it('in all takes from the clients of one second in turns, each from its oldest on, over restarts', async () => {
    const path = directory();
    const { clock, options } = clocked({ maxTotalBytes: 30 * (100 + ROW_COST) });
    let store = await openLmdbStore(path, options);
    await publish(store, 'quiet', 'x'.padEnd(100));
    clock.now += 999;
    for (let n = 0; n < 20; n++) {
      for (const client of ['a', 'b', 'c']) await publish(store, client, String(n).padEnd(100));
      if (n !== 15) continue;
      await store.close();
      store = await openLmdbStore(path, options);
    }
    await store.commit({}).flushed;
    const lengths: number[] = [];
    for (const client of ['a', 'b', 'c']) {
      const kept = (await textsOf(store, client)).map(Number);
      lengths.push(kept.length);
      expect(kept).toEqual(Array.from(kept, (_, n) => 20 - kept.length + n));
    }
    expect(await textsOf(store, 'quiet')).toEqual([]);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(30);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(2);
    await store.close();
  });

  it('in all makes room for much at once, and still takes from all of that second', async () => {
    const { options } = clocked({ maxTotalBytes: 1000 * (100 + ROW_COST) });
    const store = await openLmdbStore(directory(), options);
    const texts = Array.from({ length: 90 }, (_, n) => String(n).padEnd(100));
    for (let n = 0; n < 10; n++) await publish(store, `c${n}`, ...texts);
    await publish(store, 'loud', ...Array.from({ length: 800 }, (_, n) => String(n).padEnd(100)));
    await store.commit({}).flushed;
    const lengths: number[] = [];
    for (let n = 0; n < 10; n++) lengths.push((await textsOf(store, `c${n}`)).length);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(1000 - (await textsOf(store, 'loud')).length);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(16);
    await store.close();
  });

  it('in all ends even if one batch alone is too much', async () => {
    const options = { maxTotalBytes: 5000, maxBytesPerClient: 2000 };
    const store = await openLmdbStore(directory(), options);
    const publishes = Array.from({ length: 50 }, (_, n) => ({
      clientId: `c${n}`,
      json: json('x'.repeat(500)),
      timestamp: 0,
    }));
    await store.commit({ publishes }).flushed;
    await store.commit({}).flushed;
    let kept = 0;
    for (let n = 0; n < 50; n++) kept += (await textsOf(store, `c${n}`)).length;
    expect(kept).toBe(Math.floor(5000 / (500 + ROW_COST)));
    await store.close();
  });

  it('tells a reader that it removes under [D7]', async () => {
    const store = await openLmdbStore(directory(), { maxEntriesPerClient: 50 });
    await publish(store, 'a', ...Array.from({ length: 50 }, (_, n) => n));
    let cursor = 0n;
    let gaps = 0;
    const seen: bigint[] = [];
    for (let n = 0; n < 40; n++) {
      const writing = publish(store, 'a', ...Array.from({ length: 7 }, (_, k) => n * 7 + k));
      const { entries, removedUpTo: gone } = await store.readLog('a', cursor, { count: 3, bytes: 1000 });
      if (cursor > 0n && gone > cursor) gaps += 1;
      const first = gone > cursor ? gone : cursor;
      expect(entries.map(({ order }) => order)).toEqual(entries.map((_, i) => first + 1n + BigInt(i)));
      seen.push(...entries.map(({ order }) => order));
      cursor = seen.at(-1) ?? cursor;
      await writing;
    }
    expect(gaps).toBeGreaterThan(0);
    await store.close();
  });
});
