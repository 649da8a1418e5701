export { checkClose, isCloseCode } from './close-codes.js';
export { TransportError, type TransportErrorCode, type TransportErrorDetails } from './errors.js';
export type { DirectionFaults, DirectionOptions, LinkFaults } from './faults.js';
export type { Dialer, Link, LinkClose, LinkEvents, Listen, Listener } from './link.js';
export {
  type LinkPair,
  linkPair,
  type MemoryOptions,
  type MemoryTransport,
  memoryTransport,
} from './memory.js';
export { networkOf } from './network.js';
export { type Cancel, type Scheduler, systemScheduler } from './scheduler.js';
