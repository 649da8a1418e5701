export { checkClose, isCloseCode } from './close-codes.js';
export { TransportError, type TransportErrorCode, type TransportErrorDetails } from './errors.js';
export type { Dialer, Link, LinkClose, LinkEvents, Listen, Listener } from './link.js';
export { type Cancel, type Scheduler, systemScheduler } from './scheduler.js';
