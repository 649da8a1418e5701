import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { begin, keyOf, openDatabase } from '../src/database.js';
import { INDEXEDDB_STATE_DEFAULTS, openIndexedDbState } from '../src/index.js';

const FULL = 'sealwire/alice';
const entry = (index: bigint, size = 3) => ({ index, json: new Uint8Array(size).fill(65) });

beforeEach(() => {
  // The databases of one test are not those of the next; without Web Locks, also on a Node that has them.
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', {});
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Counts transactions from here on, and tells of what kind they are. */
function watchTransactions() {
  return vi.spyOn(IDBDatabase.prototype, 'transaction');
}

describe('a transaction', () => {
  it('is of both stores and strict', async () => {
    const state = await openIndexedDbState('alice');
    const transactions = watchTransactions();
    await state.append([entry(0n)]);
    expect(transactions.mock.calls).toEqual([[['state', 'outbox'], 'readwrite', { durability: 'strict' }]]);
  });

  it('is one for the calls of a turn, and one for those made while it runs', async () => {
    const state = await openIndexedDbState('alice');
    const transactions = watchTransactions();
    const all = [state.append([entry(0n)]), state.append([entry(1n)]), state.save({ savedOrder: 5n })];
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(transactions).toHaveBeenCalledTimes(1);
    for (let i = 2n; i < 50n; i++) all.push(state.append([entry(i)]), state.save({ savedOrder: i + 9n }));
    await Promise.all(all);
    expect(transactions).toHaveBeenCalledTimes(2);
    expect(await state.load()).toMatchObject({ nextIndex: 50n, savedOrder: 58n });
  });

  it('is not there where nothing changes', async () => {
    const state = await openIndexedDbState('alice');
    const transactions = watchTransactions();
    await Promise.all([state.append([]), state.trim(-1n), state.save({}), state.load()]);
    expect(transactions).not.toHaveBeenCalled();
  });

  it('stores of a message its own bytes, not the buffer that they are a part of', async () => {
    const state = await openIndexedDbState('alice');
    const large = new Uint8Array(1_000_000).fill(7);
    const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(8);
    await state.append([
      { index: 0n, json: large.subarray(10, 14) },
      { index: 1n, json: shared },
    ]);
    await state.close();
    const { outbox } = await (await openIndexedDbState('alice')).load();
    expect(outbox.map(({ json }) => [...json, json.buffer.byteLength])).toEqual([
      [7, 7, 7, 7, 4],
      [8, 8, 8, 8, 4],
    ]);
  });
});

describe('another page', () => {
  it('that opens later has the state, where there are no Web Locks', async () => {
    const first = await openIndexedDbState('alice');
    await first.append([entry(0n)]);
    const second = await openIndexedDbState('alice');
    const late = first.append([entry(1n)]);
    await expect(late).rejects.toMatchObject({ code: 'E_LOCKED' });
    await expect(first.load()).rejects.toMatchObject({ code: 'E_LOCKED' });
    expect((await second.load()).nextIndex).toBe(1n);
    await second.append([entry(1n)]);
    await first.close();
    await second.close();
  });

  it('is kept out by Web Locks, and waits a little for one that lets go', async () => {
    vi.stubGlobal('navigator', { locks: fakeLocks() });
    const first = await openIndexedDbState('alice');
    await expect(openIndexedDbState('alice', { lockTimeout: 20 })).rejects.toMatchObject({
      code: 'E_LOCKED',
    });
    const waiting = openIndexedDbState('alice');
    await first.close();
    const second = await waiting;
    await second.append([entry(0n)]);
    await second.close();
  });

  it('of a newer version takes the database over', async () => {
    const state = await openIndexedDbState('alice');
    await state.append([entry(0n)]);
    const pending = state.append([entry(1n)]);
    const newer = await opened(FULL, 2);
    await pending;
    await expect(state.append([entry(2n)])).rejects.toMatchObject({ code: 'E_LOCKED' });
    await state.close();
    await expect(openIndexedDbState('alice')).rejects.toMatchObject({ code: 'E_FORMAT' });
    newer.close();
  });

  it('may delete the database', async () => {
    const state = await openIndexedDbState('alice');
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(FULL).onsuccess = resolve;
    });
    await expect(state.append([entry(0n)])).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  it('of an older version that does not let go is told of, and later finds nobody in its way', async () => {
    const old = await opened(FULL, 1);
    await expect(openDatabase(indexedDB, FULL, 2)).rejects.toMatchObject({ code: 'E_LOCKED' });
    old.close();
    (await opened(FULL, 3)).close();
  });
});

describe('a failure', () => {
  it.each([
    ['QuotaExceededError', 'E_DISK_FULL'],
    ['UnknownError', 'E_IO'],
  ])('%s is %s, and nothing goes on until the state is opened again', async (name, code) => {
    const state = await openIndexedDbState('alice');
    await state.append([entry(0n)]);
    const put = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('as told', name);
    });
    const cause = expect.objectContaining({ name });
    const [failed, shared] = [state.append([entry(1n)]), state.save({ savedOrder: 5n })];
    await expect(failed).rejects.toMatchObject({ code, cause });
    await expect(shared).rejects.toMatchObject({ code });
    put.mockRestore();
    for (const call of [state.load(), state.append([]), state.trim(-1n), state.save({})]) {
      await expect(call).rejects.toMatchObject({ code });
    }
    await state.close();
    const again = await openIndexedDbState('alice');
    expect(await again.load()).toMatchObject({ nextIndex: 1n, savedOrder: -1n });
    await again.append([entry(1n)]);
    await again.close();
  });

  it('of a request takes the whole transaction along', async () => {
    const state = await openIndexedDbState('alice');
    // A key that is there already: the browser ends the transaction by itself.
    await write((outbox) => outbox.add(entry(1n).json, 1));
    await expect(state.append([entry(0n), entry(1n)])).rejects.toMatchObject({
      code: 'E_IO',
      cause: expect.objectContaining({ name: 'ConstraintError' }),
    });
    await write((outbox) => outbox.delete(1));
    expect((await (await openIndexedDbState('alice')).load()).nextIndex).toBe(0n);
  });

  it('of the browser that closes the database is E_IO', async () => {
    const transactions = watchTransactions();
    const state = await openIndexedDbState('alice');
    const [database] = transactions.mock.contexts;
    forceCloseDatabase(database as unknown as typeof IDBDatabase);
    await expect(state.append([entry(0n)])).rejects.toMatchObject({ code: 'E_IO' });
  });

  it('to find an IndexedDB is told', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openIndexedDbState('alice')).rejects.toMatchObject({ code: 'E_IO' });
  });
});

describe('what is stored', () => {
  it.each<[string, (outbox: IDBObjectStore, state: IDBObjectStore) => unknown]>([
    ['a message missing', (outbox) => outbox.delete(1)],
    ['a message too many', (outbox) => outbox.add(new Uint8Array(1), 7)],
    ['a message under another number', (outbox) => outbox.delete(0) && outbox.add(new Uint8Array(1), 9)],
    ['a message that is no bytes', (outbox) => outbox.put('text', 1)],
    ['fields that are none', (_outbox, state) => state.put({ savedOrder: 1 }, 'fields')],
    ['no fields', (_outbox, state) => state.delete('fields')],
    ['a pin that is no bytes', (_outbox, state) => state.put(5, 'pin')],
  ])('with %s is E_CORRUPT, and stays as it is', async (_what, damage) => {
    const state = await openIndexedDbState('alice');
    await state.append([entry(0n), entry(1n), entry(2n)]);
    await state.close();
    await write(damage);
    vi.stubGlobal('navigator', { locks: fakeLocks() });
    for (let i = 0; i < 2; i++) {
      await expect(openIndexedDbState('alice')).rejects.toMatchObject({ code: 'E_CORRUPT' });
    }
    // Nor is it left open.
    (await opened(FULL, 2)).close();
  });

  it('by another program under the same name is E_FORMAT', async () => {
    (await opened(FULL, 1)).close();
    await expect(openIndexedDbState('alice')).rejects.toMatchObject({ code: 'E_FORMAT' });
  });

  it('under larger bounds is kept, and no more is taken until there is room', async () => {
    const large = await openIndexedDbState('alice');
    await large.append([entry(0n, 50), entry(1n, 50), entry(2n, 50)]);
    await large.close();
    const small = await openIndexedDbState('alice', { maxOutboxEntries: 2, maxOutboxBytes: 100 });
    expect((await small.load()).outbox.length).toBe(3);
    await expect(small.append([entry(3n)])).rejects.toMatchObject({ code: 'E_FULL' });
    await small.trim(1n);
    await expect(small.append([entry(3n, 51)])).rejects.toMatchObject({ code: 'E_FULL' });
    await small.append([entry(3n, 50)]);
  });
});

it('refuses what is no name and what is no bound', async () => {
  for (const name of ['', 5 as unknown as string]) {
    await expect(openIndexedDbState(name)).rejects.toMatchObject({ code: 'E_ARGUMENT' });
  }
  for (const [words, wrong] of [
    ['outbox', { outbox: 5 }],
    ['an object', null],
  ] as const) {
    await expect(openIndexedDbState('alice', wrong as never)).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      message: expect.stringContaining(words),
    });
  }
  for (const name of Object.keys(INDEXEDDB_STATE_DEFAULTS)) {
    for (const value of [0, 1.5, Number.NaN, 2 ** 40, '9']) {
      await expect(openIndexedDbState('alice', { [name]: value })).rejects.toMatchObject({
        code: 'E_ARGUMENT',
        message: expect.stringContaining(name),
      });
    }
  }
  expect(() => keyOf(2n ** 53n)).toThrow('beyond what a key can be');
});

/** A database as another program opens it. */
function opened(name: string, version: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function write(change: (outbox: IDBObjectStore, state: IDBObjectStore) => unknown): Promise<void> {
  const database = await opened(FULL, 1);
  const { outbox, state, done } = begin(database);
  change(outbox, state);
  await done;
  database.close();
}

/** One lock, given in the order of asking. */
function fakeLocks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request(_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>) {
      const before = last;
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      const held = Promise.race([before, aborted]).then(hold);
      last = Promise.allSettled([before, held]);
      return held;
    },
  };
}
