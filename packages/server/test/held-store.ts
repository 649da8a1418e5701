import { memoryServerStore, type ServerStore } from '@sealwire/store';

/** A store whose flushes are told only when `release` is called. */
export function heldStore(): { store: ServerStore; release: () => void } {
  const memory = memoryServerStore();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const store: ServerStore = {
    read: (id) => memory.read(id),
    claim: (id, over) => memory.claim(id, over),
    readLog: (id, after, limit) => memory.readLog(id, after, limit),
    refusals: (id, after) => memory.refusals(id, after),
    watch: (id, onHead, onClaim) => memory.watch(id, onHead, onClaim),
    get: (key) => memory.get(key),
    list: (query) => memory.list(query),
    close: () => memory.close(),
    commit(commit) {
      const { staged, flushed } = memory.commit(commit);
      return { staged, flushed: released.then(() => flushed) };
    },
  };
  return { store, release };
}
