import { describe, it } from 'vitest';
import { memoryClientState, memoryServerStore } from '../src/index.js';
import { clientStateSuite, serverStoreSuite } from '../src/testkit.js';

describe('memory', () => {
  serverStoreSuite({ describe, it }, () => memoryServerStore(), {
    reopen: (store) => store.open(),
    another: (store) => store.open(),
    openBounded: ({ entriesPerClient, refusalsPerClient, totalBytes }) =>
      memoryServerStore({
        maxEntriesPerClient: entriesPerClient,
        maxRefusals: refusalsPerClient,
        maxTotalBytes: totalBytes,
      }),
  });

  clientStateSuite({ describe, it }, () => memoryClientState(), {
    reopen: (state) => state.reopen(),
    openBounded: ({ outboxEntries }) => memoryClientState({ maxOutboxEntries: outboxEntries }),
  });
});
