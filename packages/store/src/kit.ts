/**
 * For those who write a store: what every store checks in the same way, how watchers are told, and the client state
 * on top of a place where its changes become durable.
 */
export {
  checkClientId,
  checkCommit,
  checkCursor,
  checkKey,
  checkListQuery,
  checkOver,
  checkReadLimit,
  checkUnclaimed,
  readOptions,
} from './check.js';
export { ClientImage, EMPTY_CLIENT, type ImageBounds, type ImageChange } from './client-image.js';
export { DurableClientState, type ImageSink } from './durable-client-state.js';
export { GroupCommit } from './group-commit.js';
export { compareKeys, listEntries } from './list-entries.js';
export { type Position, Watchers } from './watchers.js';
