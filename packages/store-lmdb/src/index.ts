export { type LmdbServerStore, openLmdbStore } from './lmdb-store.js';
export { LMDB_DEFAULTS, type LmdbStoreOptions, ROW_COST } from './options.js';
