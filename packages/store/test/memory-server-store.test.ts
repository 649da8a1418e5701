import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryClientState, memoryServerStore } from '../src/index.js';

function entry(clientId: string, json = Uint8Array.of(1)) {
  return { clientId, json, timestamp: 0 };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('memory server store', () => {
  it('refuses one client more than maxClients with E_FULL, as a whole, and none that it knows', async () => {
    const store = memoryServerStore({ maxClients: 2 });
    await store.claim('a', 'any');
    const tooMany = store.commit({ publishes: [entry('a'), entry('b'), entry('c'), entry('b')] });
    await expect(tooMany.flushed).rejects.toMatchObject({ code: 'E_FULL' });
    expect((await store.read('a')).head).toBe(0n);
    await store.commit({ publishes: [entry('b'), entry('b')] }).flushed;
    await expect(store.claim('c', 'any')).rejects.toMatchObject({ code: 'E_FULL' });
    await store.claim('b', 'any');
    await store.read('c');
  });

  it('refuses values beyond maxStateBytes with E_FULL until keys are removed', async () => {
    const store = memoryServerStore({ maxStateBytes: 1000 });
    const put = (key: string, size: number | null) => ({
      key,
      value: size === null ? null : new Uint8Array(size),
    });
    await store.commit({ puts: [put('a', 600)] }).flushed;
    const full = store.commit({ puts: [put('b', 500)], publishes: [entry('x')] });
    await expect(full.flushed).rejects.toMatchObject({ code: 'E_FULL' });
    expect((await store.read('x')).head).toBe(0n);
    await store.commit({ puts: [put('b', 500), put('a', null)] }).flushed;
    await store.commit({ puts: [put('b', 700)] }).flushed;
    await store.commit({ puts: [put('b', 9999), put('b', 1)] }).flushed;
    expect(await store.get('b')).toHaveLength(1);
  });

  it('copies a part of a larger buffer, which would keep all of it alive, and nothing else that is long', async () => {
    const store = memoryServerStore();
    const whole = new Uint8Array(2_000);
    const part = new Uint8Array(new ArrayBuffer(9_000), 10, 1_500);
    await store.commit({
      publishes: [entry('a', whole), entry('a', part), entry('b', part)],
      puts: [{ key: 'k', value: part }],
    }).flushed;
    const limit = { count: 2, bytes: 9999 };
    const { entries } = await store.readLog('a', 0n, limit);
    expect(entries[0]?.json).toBe(whole);
    expect(entries[1]?.json.buffer.byteLength).toBe(1_500);
    expect((await store.get('k'))?.buffer.byteLength).toBe(1_500);
    // One copy for all whom it was published to.
    expect((await store.readLog('b', 0n, limit)).entries[0]?.json).toBe(entries[1]?.json);
  });

  it('surfaces the error of a listener and still tells the others', async () => {
    const store = memoryServerStore();
    const surfaced: unknown[] = [];
    const real = queueMicrotask;
    vi.stubGlobal('queueMicrotask', (task: () => void) => {
      real(() => {
        try {
          task();
        } catch (error) {
          surfaced.push(error);
        }
      });
    });
    const wrong = new Error('a listener’s own');
    const told: bigint[] = [];
    store.watch('a', () => {
      throw wrong;
    });
    store.watch('a', (head) => told.push(head));
    await store.commit({ publishes: [entry('a')] }).flushed;
    await vi.waitFor(() => expect(surfaced).toEqual([wrong]));
    expect(told).toEqual([1n]);
  });

  it('tells several moves of one turn as one', async () => {
    const store = memoryServerStore();
    const told: bigint[] = [];
    store.watch('a', (head) => told.push(head));
    for (let n = 0; n < 5; n++) store.commit({ publishes: [entry('a')] });
    await store.commit({}).flushed;
    expect(told).toEqual([5n]);
  });

  it('refuses options that are no bounds or contradict each other', () => {
    const wrong = [
      { maxEntriesPerClient: 0 },
      { maxRefusals: 1.5 },
      { maxClients: Number.POSITIVE_INFINITY },
      { maxStateBytes: Number.NaN },
      { maxAge: 0 },
      { maxAge: Number.NaN },
      { maxBytesPerClient: 1001, maxTotalBytes: 1000 },
    ];
    for (const options of wrong) {
      expect(() => memoryServerStore(options), JSON.stringify(options)).toThrow(
        expect.objectContaining({ code: 'E_ARGUMENT' }),
      );
    }
  });

  it('lets one named bound move the default of the other', () => {
    memoryServerStore({ maxTotalBytes: 1000 });
    memoryServerStore({ maxBytesPerClient: 2 ** 33 });
    memoryServerStore({ maxAge: Number.POSITIVE_INFINITY });
  });
});

it('refuses what is no option by name, and takes undefined for the default', () => {
  const wrong = (options: unknown, words: string) =>
    expect(() => memoryServerStore(options as never)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', message: expect.stringContaining(words) }),
    );
  wrong(null, 'must be an object');
  wrong({ maxEntries: 5 }, 'the option maxEntries does not exist');
  wrong({ maxAge: 0 }, 'maxAge must be');
  expect(() => memoryServerStore({ maxRefusals: undefined } as never)).not.toThrow();
  expect(() => memoryClientState({ maxOutbox: 5 } as never)).toThrow(
    expect.objectContaining({ code: 'E_ARGUMENT' }),
  );
});
