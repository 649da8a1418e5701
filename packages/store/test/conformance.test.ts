import { describe, it } from 'vitest';
import { type MemoryServerStore, memoryClientState, memoryServerStore } from '../src/index.js';
import { clientStateSuite, serverStoreSuite } from '../src/testkit.js';

// The suites know stores only by their contract; these find the handle again that belongs to one.
const handles = new WeakMap<object, MemoryServerStore>();
function remember(store: MemoryServerStore): MemoryServerStore {
  handles.set(store, store);
  return store;
}

describe('memory', () => {
  serverStoreSuite({ describe, it }, () => remember(memoryServerStore()), {
    reopen: (store) => remember(handles.get(store)!.open()),
    another: (store) => handles.get(store)!.open(),
    openBounded: ({ entriesPerClient, refusalsPerClient }) =>
      memoryServerStore({ maxEntriesPerClient: entriesPerClient, maxRefusals: refusalsPerClient }),
  });

  clientStateSuite({ describe, it }, () => memoryClientState(), {
    openBounded: ({ outboxEntries }) => memoryClientState({ maxOutboxEntries: outboxEntries }),
  });
});
