import { serverStoreSuite } from '@sealwire/store/testkit';
import { afterAll, describe, it } from 'vitest';
import { type LmdbServerStore, openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';

const { directory, remove } = scratch();
afterAll(async () => {
  await (await next).close();
  remove();
});

const pathOf = new WeakMap<LmdbServerStore, string>();

async function open(path = directory()): Promise<LmdbServerStore> {
  const store = await openLmdbStore(path);
  pathOf.set(store, path);
  return store;
}

/** Opened while the test before runs: most of what opening takes is waiting. */
let next = open();

function fresh(): Promise<LmdbServerStore> {
  const store = next;
  next = open();
  return store;
}

serverStoreSuite({ describe, it }, fresh, {
  reopen: async (store) => {
    await store.close();
    return open(pathOf.get(store));
  },
  another: (store) => store.open(),
  openBounded: ({ entriesPerClient, refusalsPerClient, totalBytes }) =>
    openLmdbStore(directory(), {
      maxEntriesPerClient: entriesPerClient,
      maxRefusals: refusalsPerClient,
      maxTotalBytes: totalBytes,
    }),
});
