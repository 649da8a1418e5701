export { openIndexedDbState } from './open-indexeddb-state.js';
export { INDEXEDDB_STATE_DEFAULTS, type IndexedDbStateOptions } from './options.js';
