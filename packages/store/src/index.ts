export type { ClientChange, ClientState, OutboxEntry, SavedClient } from './client-state.js';
export { STORE_ERROR_CODES, StoreError, type StoreErrorCode } from './errors.js';
export {
  MEMORY_CLIENT_DEFAULTS,
  type MemoryClientState,
  type MemoryClientStateOptions,
  memoryClientState,
} from './memory-client-state.js';
export { ENTRY_COST, MEMORY_DEFAULTS, type MemoryServerStoreOptions } from './memory-options.js';
export { type MemoryServerStore, memoryServerStore } from './memory-server-store.js';
export {
  type Claim,
  type ClientRecord,
  type Commit,
  type CommitReceipt,
  type LogChunk,
  type LogEntry,
  type Publish,
  type Put,
  type ReadLimit,
  type Refusal,
  type ServerStore,
  STORE_LIMITS,
} from './server-store.js';
