import { serverStoreSuite } from '@sealwire/store/testkit';
import { afterAll, describe, it } from 'vitest';
import { type LmdbServerStore, openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';

const { directory, remove } = scratch();
afterAll(remove);

const pathOf = new WeakMap<LmdbServerStore, string>();

async function open(path = directory()): Promise<LmdbServerStore> {
  const store = await openLmdbStore(path);
  pathOf.set(store, path);
  return store;
}

serverStoreSuite({ describe, it }, () => open(), {
  reopen: async (store) => {
    await store.close();
    return open(pathOf.get(store));
  },
  another: (store) => store.open(),
  openBounded: ({ entriesPerClient, refusalsPerClient }) =>
    openLmdbStore(directory(), { maxEntriesPerClient: entriesPerClient, maxRefusals: refusalsPerClient }),
});
