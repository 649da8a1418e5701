export type {
  ClientDirectory,
  ClientEntry,
  FindClient,
  OpenDirectory,
  WatchedDirectory,
} from './directory.js';
export { type DirectoryFolderOptions, directoryFolder } from './directory-folder.js';
export { SERVER_ERROR_CODES, ServerError, type ServerErrorCode } from './errors.js';
export type { ServerEvent } from './events.js';
export { defaultFailedHandshakeLimits, type FailedHandshakeLimits } from './failed-handshakes.js';
export type { Excess, ExcessAction, RateLimit } from './frame-rate.js';
export type { IncomingMessage, IncomingRequest } from './incoming.js';
export { defaultServerLimits, type ServerLimits } from './limits.js';
export type { ServeOptions } from './options.js';
export { Refused, RequestError } from './refused.js';
export { type DrainOptions, type Server, serve } from './server.js';
export type { PublishOptions, Transaction } from './transaction.js';
