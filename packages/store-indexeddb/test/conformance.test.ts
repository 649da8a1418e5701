import 'fake-indexeddb/auto';
import { clientStateSuite } from '@sealwire/store/testkit';
import { describe, it } from 'vitest';
import { openIndexedDbState } from '../src/index.js';

const names = new WeakMap<object, string>();
let count = 0;

async function open(name = `conformance-${count++}`) {
  const state = await openIndexedDbState(name);
  names.set(state, name);
  return state;
}

describe('on fake-indexeddb', () => {
  clientStateSuite({ describe, it }, () => open(), {
    reopen: async (state) => {
      await state.close();
      return open(names.get(state));
    },
    openBounded: ({ outboxEntries }) =>
      openIndexedDbState(`conformance-${count++}`, { maxOutboxEntries: outboxEntries }),
  });
});
