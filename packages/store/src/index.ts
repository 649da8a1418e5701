export type { ClientChange, ClientState, OutboxEntry, SavedClient } from './client-state.js';
export { STORE_ERROR_CODES, StoreError, type StoreErrorCode } from './errors.js';
export { STORE_LIMITS } from './limits.js';
export {
  MEMORY_CLIENT_DEFAULTS,
  type MemoryClientState,
  type MemoryClientStateOptions,
  memoryClientState,
} from './memory-client-state.js';
export { ENTRY_COST, MEMORY_DEFAULTS, type MemoryServerStoreOptions } from './memory-options.js';
export { type MemoryServerStore, memoryServerStore } from './memory-server-store.js';
export type {
  Claim,
  ClaimOver,
  ClientRecord,
  Commit,
  CommitReceipt,
  KeyValue,
  ListQuery,
  LogChunk,
  LogEntry,
  Publish,
  Put,
  ReadLimit,
  Refusal,
  RefusalChunk,
  ServerStore,
} from './server-store.js';
