import type { ServerStore } from '@sealwire/store';
import type { Fate } from './fate.js';

/**
 * A store that passes everything on, and meets its fate at its steps.
 *
 * @param handled called when the commit of a message is durable
 */
export function steeredStore(store: ServerStore, fate: Fate, handled: () => void): ServerStore {
  return {
    read: (clientId) => store.read(clientId),
    refusals: (clientId, after) => store.refusals(clientId, after),
    watch: (clientId, onHead, onClaim) => store.watch(clientId, onHead, onClaim),
    get: (key) => store.get(key),
    list: (query) => store.list(query),
    close: () => store.close(),
    async claim(clientId, over) {
      fate.step('claim');
      const claim = await store.claim(clientId, over);
      fate.step('claimed');
      return claim;
    },
    async readLog(clientId, after, limit) {
      const chunk = await store.readLog(clientId, after, limit);
      // More than one at once: a client that comes back and is brought up to date.
      if (chunk.entries.length > 1) fate.step('replay');
      return chunk;
    },
    commit(commit) {
      const receipt = store.commit(commit);
      const staged = receipt.staged.then(() => fate.step('staged'));
      const flushed = receipt.flushed.then((orders) => {
        fate.step('flushed');
        if (commit.sequence !== undefined) handled();
        return orders;
      });
      // Marked as handled, as the contract says.
      staged.catch(() => {});
      flushed.catch(() => {});
      return { staged, flushed };
    },
  };
}
