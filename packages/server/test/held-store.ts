import { memoryServerStore, type ServerStore } from '@sealwire/store';

/** The methods of a store, to be replaced one by one. */
export function passingOn(store: ServerStore): ServerStore {
  return {
    read: (id) => store.read(id),
    claim: (id, over) => store.claim(id, over),
    commit: (commit) => store.commit(commit),
    readLog: (id, after, limit) => store.readLog(id, after, limit),
    refusals: (id, after) => store.refusals(id, after),
    watch: (id, onHead, onClaim) => store.watch(id, onHead, onClaim),
    get: (key) => store.get(key),
    list: (query) => store.list(query),
    close: () => store.close(),
  };
}

/** A store whose flushes are told only when `release` is called. */
export function heldStore(): { store: ServerStore; release: () => void } {
  const memory = memoryServerStore();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const store: ServerStore = {
    ...passingOn(memory),
    commit(commit) {
      const { staged, flushed } = memory.commit(commit);
      return { staged, flushed: released.then(() => flushed) };
    },
  };
  return { store, release };
}
