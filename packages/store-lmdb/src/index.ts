export type { LmdbServerStore } from './handle.js';
export { openLmdbStore } from './open.js';
export { LMDB_DEFAULTS, type LmdbStoreOptions, ROW_COST } from './options.js';
