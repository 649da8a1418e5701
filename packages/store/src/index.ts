export type { ClientChange, ClientState, OutboxEntry, SavedClient } from './client-state.js';
export { STORE_ERROR_CODES, StoreError, type StoreErrorCode } from './errors.js';
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
