export { assertSafeChallenge, plainChallenge } from './challenge.js';
export type { ClientHandshakeOptions, ClientHandshakeStep, Terms } from './client-handshake.js';
export type { ClientSessionOptions, ClientSessionPort, ClientSessionState } from './client-port.js';
export { ClientSession } from './client-session.js';
export {
  type CloseCode,
  type CloseCodeEntry,
  closeCodes,
  isRefusalCode,
  type Retry,
  retryAfterClose,
  retryAfterHttpStatus,
} from './close-codes.js';
export { errorText, maxErrorTextBytes } from './error-text.js';
export { SessionError, type SessionErrorCode } from './errors.js';
export { type HardeningMode, hardeningModes, type SessionHardening } from './hardening.js';
export { type Job, type JobResult, type JobsPort, OrderedJobs } from './jobs.js';
export {
  decodeJson,
  defaultMaxJsonDepth,
  encodeJson,
  type JsonOptions,
  type JsonValue,
  stringifyJson,
} from './json.js';
export { type JsonNumbers, jsonNumbers } from './json-numbers.js';
export { type Clock, type Deadlines, defaultDeadlines, type Milliseconds } from './liveness.js';
export { firstRequestId, lastSequence, randomRequestId } from './numbers.js';
export { ReplayMemory } from './replay-memory.js';
export {
  type CheckpointAnswer,
  type CheckpointRequest,
  checkpointType,
  type ErrorAnswer,
  errorType,
  isReserved,
  reservedPrefix,
  typeOf,
} from './reserved.js';
export type { Identity, ServerHandshakeOptions, ServerHandshakeStep } from './server-handshake.js';
export type { ServerSessionOptions, ServerSessionPort, ServerSessionState } from './server-port.js';
export { ServerSession } from './server-session.js';
export { unknownOption } from './unknown-option.js';
