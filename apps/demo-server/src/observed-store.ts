import type { Commit, ServerStore } from '@sealwire/store';

/** What an observer hears of a store, after it is durable and in the order of the store. */
export interface StoreObserver {
  accepted?(clientId: string, sequence: bigint): void;
  published?(clientId: string, order: bigint, json: Uint8Array): void;
  /** The client's log is read on from here, so everything up to here is on its way to the client. */
  readFrom?(clientId: string, order: bigint): void;
}

/** The same store; what observers hear comes from the commits themselves, not from those who asked for them. */
export function observedStore(store: ServerStore, observers: readonly StoreObserver[]): ServerStore {
  return {
    read: (clientId) => store.read(clientId),
    claim: (clientId, over) => store.claim(clientId, over),
    commit(commit) {
      const receipt = store.commit(commit);
      receipt.flushed.then(
        (orders) => tell(commit, orders),
        // Nothing was kept, and whoever made the commit hears of it.
        () => {},
      );
      return receipt;
    },
    readLog(clientId, after, limit) {
      for (const observer of observers) observer.readFrom?.(clientId, after);
      return store.readLog(clientId, after, limit);
    },
    refusals: (clientId, after) => store.refusals(clientId, after),
    watch: (clientId, onHead, onClaim) => store.watch(clientId, onHead, onClaim),
    get: (key) => store.get(key),
    list: (query) => store.list(query),
    close: () => store.close(),
  };

  function tell({ session, sequence, refusal, publishes = [] }: Commit, orders: readonly bigint[]): void {
    for (const observer of observers) {
      if (session !== undefined && sequence !== undefined && refusal === undefined) {
        observer.accepted?.(session.clientId, sequence);
      }
      for (const [index, { clientId, json }] of publishes.entries()) {
        const order = orders[index];
        if (order !== undefined) observer.published?.(clientId, order, json);
      }
    }
  }
}
