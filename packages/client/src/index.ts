export type { CallOptions } from './calls.js';
export { type Client, connect } from './client.js';
export { ClientError, type ClientErrorCode, clientErrorCodes } from './errors.js';
export type { Message, MessageListener } from './message.js';
export {
  type CallsOptions,
  type ConnectOptions,
  clientDefaults,
  type InboxOptions,
  type OutboxOptions,
  type ReconnectOptions,
  type ResumePoint,
} from './options.js';
export type { Outcome, Sent } from './outcome.js';
export { forgetPin } from './pin.js';
export type { ConnectionState } from './state.js';
export type { WaitOptions } from './waiting.js';
