import type { ClientState } from '@sealwire/store';
import type { Fate } from './fate.js';

/** A state that passes everything on, and meets its fate at its steps. */
export function steeredState(state: ClientState, fate: Fate): ClientState {
  return {
    load: () => state.load(),
    trim: (upTo) => state.trim(upTo),
    close: () => state.close(),
    async append(entries) {
      fate.step('append');
      await state.append(entries);
      fate.step('appended');
    },
    async save(change) {
      if (change.savedOrder !== undefined) fate.step('saving');
      await state.save(change);
      if (change.savedOrder !== undefined) fate.step('saved');
      else if (change.reservedOrder !== undefined) fate.step('reserved');
    },
  };
}
