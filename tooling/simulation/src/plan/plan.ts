import type { DiskPace, HandshakeMessage, Meddling } from '@sealwire/testing';
import type { DirectionOptions } from '@sealwire/transport';

/** Milliseconds of virtual time. */
type Ms = number;

/** How the world is at all times. */
export interface WorldOptions {
  readonly clients: number;
  /** Server processes on one store. With one, a crash of the process is a crash of its disk. */
  readonly nodes: number;
  readonly checkpoint: boolean;
  /** Do both sides know hardened sessions? */
  readonly hardened: boolean;
  readonly crypto: 'stub' | 'real';
  /** When the faults end and everything has to settle. */
  readonly horizon: Ms;
  /** The longest RSA operation. */
  readonly rsa: Ms;
  readonly serverDisk: DiskPace;
  readonly clientDisk: DiskPace;
  readonly network: DirectionOptions;
  readonly orderStep: number;
  readonly maxEntries: number;
  /** Refusals that the store remembers per client. */
  readonly maxRefusals: number;
  readonly maxOutbox: number;
  readonly maxInbox: number;
  readonly backOff: Ms;
  readonly handlerTimeout: Ms;
}

/** What the handler does with a message. */
export type Act = 'accept' | 'refuse' | 'fail' | 'slow';

/** What the applications do. */
export type Work = { readonly at: Ms } & (
  | {
      readonly kind: 'send';
      readonly client: number;
      /** Grows from message to message of a client. */
      readonly n: number;
      readonly act: Act;
      /** Of a slow handler. */
      readonly ms: Ms;
      /** So many times a failing handler fails. */
      readonly times: number;
      /** The clients to which the handler publishes. */
      readonly to: readonly number[];
    }
  | { readonly kind: 'publish'; readonly id: number; readonly to: readonly number[] }
  | {
      readonly kind: 'call';
      readonly client: number;
      readonly id: number;
      readonly idempotent: boolean;
      readonly ms: Ms;
    }
  | { readonly kind: 'flush'; readonly client: number }
);

type Direction = 'up' | 'down' | 'both';

/** What goes wrong. */
export type Fault = { readonly at: Ms } & (
  | { readonly kind: 'cut'; readonly client: number }
  | {
      readonly kind: 'cut-bytes';
      readonly client: number;
      readonly direction: 'up' | 'down';
      readonly bytes: number;
    }
  | {
      readonly kind: 'cut-handshake';
      readonly client: number;
      readonly direction: 'up' | 'down';
      readonly bytes: number;
    }
  /**
   * The client dials; its frames take this long; before its proof arrives it has dialed again. Where `freeze` is more
   * than 0 the server stands still for that time when the proof arrives.
   */
  | {
      readonly kind: 'late-proof';
      readonly client: number;
      readonly delay: Ms;
      readonly node: number;
      readonly freeze: Ms;
    }
  | { readonly kind: 'half-close'; readonly client: number; readonly direction: 'up' | 'down' }
  | {
      readonly kind: 'stall';
      readonly client: number;
      readonly direction: Direction;
      readonly ms: Ms;
      readonly heals: boolean;
    }
  /** In a hardened session, somebody on the way has his hand on a frame. */
  | {
      readonly kind: 'meddle';
      readonly client: number;
      readonly direction: 'up' | 'down';
      readonly how: Meddling;
    }
  /** In a hardened session, somebody on the way ends the link in the name of the server. */
  | { readonly kind: 'forge-close'; readonly client: number; readonly code: number }
  /** The client dials, and somebody on the way puts a recorded message in the place of the new one. */
  | { readonly kind: 'replay-handshake'; readonly client: number; readonly message: HandshakeMessage }
  | { readonly kind: 'weather'; readonly client: number; readonly ms: Ms; readonly options: DirectionOptions }
  | { readonly kind: 'refuse-dials'; readonly client: number; readonly ms: Ms }
  | { readonly kind: 'swallow-dials'; readonly client: number; readonly ms: Ms }
  | { readonly kind: 'reconnect'; readonly client: number }
  | { readonly kind: 'server-crash'; readonly node: number; readonly ms: Ms; readonly silent: boolean }
  | { readonly kind: 'server-drain'; readonly node: number; readonly ms: Ms }
  /** One server after the other ends politely and comes back after `ms`. */
  | { readonly kind: 'rolling-restart'; readonly ms: Ms }
  /** A server does not reach the store. */
  | { readonly kind: 'store-partition'; readonly node: number; readonly ms: Ms }
  | { readonly kind: 'server-stall'; readonly node: number; readonly ms: Ms }
  | { readonly kind: 'client-crash'; readonly client: number; readonly ms: Ms; readonly silent: boolean }
  /** The client is killed while it handles its next message. */
  | { readonly kind: 'crash-at-message'; readonly client: number; readonly ms: Ms }
  | { readonly kind: 'client-close'; readonly client: number; readonly ms: Ms }
  | { readonly kind: 'client-stall'; readonly client: number; readonly ms: Ms }
  | { readonly kind: 'takeover'; readonly client: number }
  | { readonly kind: 'wall-jump'; readonly seconds: number }
  /** The wall clock of one server is ahead of the others'. */
  | { readonly kind: 'clock-skew'; readonly node: number; readonly seconds: number }
  /** Only the newest messages of each client stay in the store. */
  | { readonly kind: 'retention'; readonly keep: number }
  | { readonly kind: 'disk-slow'; readonly factor: number; readonly ms: Ms }
  /** Flushes take up to `flush`, which is longer than a client waits for its handshake. */
  | { readonly kind: 'disk-crawl'; readonly flush: Ms; readonly ms: Ms }
  | { readonly kind: 'disk-fail'; readonly count: number }
  | { readonly kind: 'disk-full'; readonly ms: Ms }
  | { readonly kind: 'client-disk-slow'; readonly client: number; readonly factor: number; readonly ms: Ms }
  | { readonly kind: 'client-disk-fail'; readonly client: number }
  | { readonly kind: 'slow-reader'; readonly client: number; readonly each: Ms; readonly ms: Ms }
);

/** Everything that a run depends on beside the code: plain data, so that it can be printed and cut down. */
export interface Plan {
  readonly seed: number;
  readonly world: WorldOptions;
  readonly work: readonly Work[];
  readonly faults: readonly Fault[];
}
