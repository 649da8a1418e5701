import { describe, expect, it } from 'vitest';
import {
  type ClientState,
  type Commit,
  type CommitReceipt,
  type MemoryServerStore,
  memoryClientState,
  memoryServerStore,
  type ServerStore,
} from '../src/index.js';
import { type Bounds, clientStateSuite, serverStoreSuite } from '../src/testkit.js';

/** Runs a suite without a runner and gives the names of the tests that failed. */
async function failures(suite: (runner: Parameters<typeof serverStoreSuite>[0]) => void): Promise<string[]> {
  const tests: Promise<string | undefined>[] = [];
  suite({
    describe: (_, body) => body(),
    it: (name, body) => {
      tests.push(
        body().then(
          () => undefined,
          () => name,
        ),
      );
    },
  });
  return (await Promise.all(tests)).filter((name) => name !== undefined);
}

type Break<T> = (real: T) => Partial<T>;

/** The real one with some methods replaced; the replaced ones still reach it. */
function broken<T extends object>(real: T, fault: Break<T>): T {
  const methods = new Map(Object.entries(fault(real)));
  return new Proxy(real, {
    get: (target, name) => {
      const method: unknown = methods.get(String(name)) ?? Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return (...call: unknown[]) => {
        const result: unknown = method.apply(target, call);
        // Derived promises of a faulty commit are nobody's: only the suite's verdict counts here.
        if (name === 'commit')
          for (const promise of Object.values(result as CommitReceipt)) promise.catch(() => {});
        return result;
      };
    },
  });
}

/** A commit with some fields set to what they are; fields set to undefined are left out. */
function without(commit: Commit, ...names: (keyof Commit)[]): Commit {
  return Object.fromEntries(
    Object.entries(commit).filter(([name]) => !names.some((other) => other === name)),
  );
}

const serverFaults: Record<string, Break<ServerStore>> = {
  'does not fence': (store) => {
    let epoch = 0n;
    return {
      claim: async (clientId) => {
        const claim = await store.claim(clientId, 'any');
        epoch = claim.epoch;
        return claim;
      },
      commit: (commit) =>
        store.commit(commit.session ? { ...commit, session: { ...commit.session, epoch } } : commit),
    };
  },
  'takes over whosever session it is': (store) => ({ claim: (clientId) => store.claim(clientId, 'any') }),
  'ignores the rule of sequence': (store) => ({
    commit: (commit) => {
      const receipt = store.commit(commit);
      const forgive = (error: { code: string }) => {
        if (error.code !== 'E_SEQUENCE') throw error;
      };
      return {
        staged: receipt.staged.catch(forgive),
        flushed: receipt.flushed.catch((error) => {
          forgive(error);
          return [];
        }),
      };
    },
  }),
  'publishes before it checks': (store) => ({
    commit: ({ publishes = [], ...rest }) => {
      const first = store.commit({ publishes });
      const second = store.commit(rest);
      return { staged: second.staged, flushed: second.flushed.then(() => first.flushed) };
    },
  }),
  'puts before it checks': (store) => ({
    commit: ({ puts = [], ...rest }) => {
      void store.commit({ puts });
      return store.commit(rest);
    },
  }),
  'forgets refusals': (store) => ({ commit: (commit) => store.commit(without(commit, 'refusal')) }),
  'forgets layouts': (store) => ({ commit: (commit) => store.commit(without(commit, 'layout')) }),
  'throws from commit': (store) => ({
    commit: (commit) => {
      if (commit.sequence !== undefined && !commit.session) throw new Error('bad');
      return store.commit(commit);
    },
  }),
  'reads the entry at the cursor again': (store) => ({
    readLog: (clientId, after, limit) => store.readLog(clientId, after - 1n, limit),
  }),
  'skips an entry at the seam of chunks': (store) => ({
    readLog: (clientId, after, limit) => store.readLog(clientId, after > 3n ? after + 1n : after, limit),
  }),
  'ignores count': (store) => ({
    readLog: (clientId, after, limit) => store.readLog(clientId, after, { ...limit, count: limit.count * 2 }),
  }),
  'ignores bytes': (store) => ({
    readLog: (clientId, after, limit) => store.readLog(clientId, after, { ...limit, bytes: limit.bytes * 2 }),
  }),
  'gives no entry larger than bytes': (store) => ({
    readLog: async (clientId, after, limit) => {
      const chunk = await store.readLog(clientId, after, limit);
      return { ...chunk, entries: chunk.entries.filter(({ json }) => json.length <= limit.bytes) };
    },
  }),
  'calls watchers from within watch': (store) => ({
    watch: (clientId, onHead, onClaim) => {
      onHead(1n);
      return store.watch(clientId, onHead, onClaim);
    },
  }),
  'does not stop watching': (store) => ({
    watch: (clientId, onHead, onClaim) => {
      store.watch(clientId, onHead, onClaim);
      return () => {};
    },
  }),
  'tells a watcher only once': (store) => ({
    watch: (clientId, onHead, onClaim) => {
      let told = false;
      return store.watch(
        clientId,
        (head) => {
          if (!told) onHead(head);
          told = true;
        },
        onClaim,
      );
    },
  }),
  'tells no claims': (store) => ({ watch: (clientId, onHead) => store.watch(clientId, onHead) }),
  'mixes names up': (store) => ({ get: (key) => store.get(key.toLowerCase()) }),
  'lists keys beyond the prefix': (store) => ({
    list: (query) => store.list({ ...query, prefix: query.prefix.slice(0, -1) }),
  }),
  'lists all keys that only contain the prefix': (store) => ({
    list: async (query) => {
      const all = await store.list({ ...query, prefix: '', limit: { count: 1000, bytes: 1 << 24 } });
      return all.filter(({ key }) => key.includes(query.prefix)).slice(0, query.limit.count);
    },
  }),
  'lists the key in `after` again': (store) => ({
    list: async (query) => {
      const page = await store.list(query);
      const value = query.after === undefined ? undefined : await store.get(query.after);
      return value === undefined ? page : [{ key: query.after ?? '', value }, ...page];
    },
  }),
  'lists in the order of UTF-16': (store) => ({
    list: async (query) => [...(await store.list(query))].sort((a, b) => (a.key < b.key ? -1 : 1)),
  }),
  'lists more values than `count`': (store) => ({
    list: (query) =>
      store.list(query.limit && { ...query, limit: { ...query.limit, count: query.limit.count * 2 } }),
  }),
  'lists more bytes than `bytes`': (store) => ({
    list: (query) =>
      store.list(query.limit && { ...query, limit: { ...query.limit, bytes: query.limit.bytes * 2 } }),
  }),
  'stays open': () => ({ close: async () => {} }),
  'normalises names': (store) => ({
    readLog: (clientId, after, limit) => store.readLog(String(clientId).normalize('NFC'), after, limit),
  }),
  'rounds timestamps': (store) => ({
    commit: (commit) =>
      store.commit({
        ...commit,
        ...(commit.publishes && {
          publishes: commit.publishes.map((item) => ({ ...item, timestamp: Math.fround(item.timestamp) })),
        }),
      }),
  }),
};

const clientFaults: Record<string, Break<ClientState>> = {
  'trims one too few': (state) => ({ trim: (index) => state.trim(index >= 0n ? index - 1n : index) }),
  'trims quietly beyond the end': (state) => ({ trim: (index) => state.trim(index).catch(() => {}) }),
  'forgets the pin': (state) => ({ save: ({ pin: _, ...change }) => state.save(change) }),
  'saves field by field': (state) => ({
    save: async ({ pin, ...change }) => {
      if (pin !== undefined) await state.save({ pin });
      await state.save(change);
    },
  }),
  'appends one by one': (state) => ({
    append: async (entries) => {
      for (const entry of entries) await state.append([entry]);
    },
  }),
  'stays open': () => ({ close: async () => {} }),
};

const bounded = ({ entriesPerClient, refusalsPerClient, totalBytes }: Bounds) =>
  memoryServerStore({
    maxEntriesPerClient: entriesPerClient,
    maxRefusals: refusalsPerClient,
    maxTotalBytes: totalBytes,
  });

describe.concurrent('the suite for server stores', () => {
  it.each(Object.entries(serverFaults))('finds a store that %s', async (_, fault) => {
    const failed = await failures((runner) =>
      serverStoreSuite(runner, () => broken(memoryServerStore(), fault)),
    );
    expect(failed).not.toEqual([]);
  });

  it('finds a store that forgets at the end of the process', async () => {
    const failed = await failures((runner) =>
      serverStoreSuite(runner, () => memoryServerStore(), { reopen: () => memoryServerStore() }),
    );
    expect(failed).toHaveLength(3);
  });

  it('finds servers that do not see each other', async () => {
    const failed = await failures((runner) =>
      serverStoreSuite<MemoryServerStore>(runner, () => memoryServerStore(), {
        another: () => memoryServerStore(),
      }),
    );
    expect(failed).toHaveLength(2);
  });

  it('finds retention that is silent', async () => {
    const silent: Break<ServerStore> = (store) => ({
      readLog: async (...call) => ({ ...(await store.readLog(...call)), removedUpTo: 0n }),
    });
    const failed = await failures((runner) =>
      serverStoreSuite(runner, () => memoryServerStore(), {
        openBounded: (bounds) => broken(bounded(bounds), silent),
      }),
    );
    expect(failed).toHaveLength(2);
  });

  it('finds a store that takes all from one client before it takes anything from the next', async () => {
    // No bound over all clients, and one for each that lets the first ones keep nothing.
    const greedy: Break<ServerStore> = (store) => ({
      readLog: async (clientId, after, limit) => {
        const chunk = await store.readLog(clientId, after, limit);
        const all = clientId.startsWith('client') && Number(clientId.slice(7)) < 3;
        return all ? { ...chunk, entries: [], removedUpTo: chunk.head } : chunk;
      },
    });
    const failed = await failures((runner) =>
      serverStoreSuite(runner, () => memoryServerStore(), {
        openBounded: (bounds) => broken(bounded({ ...bounds, totalBytes: 1 << 30 }), greedy),
      }),
    );
    expect(failed).toHaveLength(1);
  });

  it('finds refusals that are forgotten in silence', async () => {
    const silent: Break<ServerStore> = (store) => ({
      refusals: async (...call) => ({ ...(await store.refusals(...call)), removedUpTo: -1n }),
    });
    const failed = await failures((runner) =>
      serverStoreSuite(runner, () => memoryServerStore(), {
        openBounded: (bounds) => broken(bounded(bounds), silent),
      }),
    );
    expect(failed).toHaveLength(2);
  });
});

describe.concurrent('the suite for client states', () => {
  it.each(Object.entries(clientFaults))('finds a state that %s', async (_, fault) => {
    const failed = await failures((runner) =>
      clientStateSuite(runner, () => broken<ClientState>(memoryClientState(), fault)),
    );
    expect(failed).not.toEqual([]);
  });

  it('finds a state that forgets at the end of the process', async () => {
    const failed = await failures((runner) =>
      clientStateSuite(runner, () => memoryClientState(), { reopen: () => memoryClientState() }),
    );
    expect(failed).toEqual(['is all there after a restart']);
  });
});
