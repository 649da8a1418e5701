export {
  type ClientFrame,
  decodeClientFrame,
  encodeClientFrame,
  encodeSignedData,
} from './client-frame.js';
export { FramingError, type FramingErrorCode } from './errors.js';
export { heartbeat, isHeartbeat } from './heartbeat.js';
export { type DecodeHelloOptions, decodeHello, encodeHello, type Hello, maxClientIdBytes } from './hello.js';
export type { Layout } from './layout.js';
export { defaultLimits, type FramingLimits } from './limits.js';
export { type ClientMessageType, MessageType } from './message-types.js';
export {
  decodeServerFrame,
  type ServerError,
  type ServerFrame,
  type ServerMessage,
  type ServerRpc,
} from './server-frame.js';
export {
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  ServerFrameBatch,
} from './server-frame-batch.js';
export { encodeTranscript, type Transcript } from './transcript.js';
export { type DecodeWelcomeOptions, decodeWelcome, encodeWelcome, type Welcome } from './welcome.js';
