/** For those who write a store: what every store checks in the same way, and how watchers are told. */
export { checkClientId, checkCommit, checkCursor, checkKey, checkReadLimit } from './check.js';
export { type Position, Watchers } from './watchers.js';
