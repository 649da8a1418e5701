import type { Layout } from '@sealwire/framing';
import type { ClientError } from './errors.js';

/** Where a client stands. It is a value: a new one is made at each change. */
export type ConnectionState =
  /** Dialing or shaking hands; `attempt` counts from 1 since the last live session. */
  | { readonly kind: 'connecting'; readonly attempt: number }
  /** The server was heard after the proof. `since` is on the scheduler's clock, in ms. */
  | {
      readonly kind: 'live';
      readonly since: number;
      /** What the server named in its welcome: the last message of this client id that it has; -1n if none. */
      readonly lastSeenSequence: bigint;
      readonly layout: Layout;
    }
  /** There is no link; the next dial comes by itself. */
  | {
      readonly kind: 'waiting';
      readonly attempt: number;
      readonly retryInMs: number;
      readonly cause: ClientError;
    }
  /** `close` was called; what was accepted is being handed over. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'closed' }
  /** Nothing is dialed any more. After `E_HISTORY_GONE` and `E_AHEAD` `resumeFrom` starts again; else only `close` is left. */
  | { readonly kind: 'stopped'; readonly error: ClientError };
