import type { Layout } from '@sealwire/framing';
import type { SessionHardening } from './hardening.js';
import type { Job } from './jobs.js';
import type { Deadlines } from './liveness.js';
import type { ServerHandshakeOptions, ServerHandshakeStep } from './server-handshake.js';

/** Where a server's session stands: the steps of the handshake, and then down this list. */
export type ServerSessionState =
  | ServerHandshakeStep
  | 'live'
  /** The handshake is refused and the close waits, so that its time tells nothing. */
  | 'refused'
  | 'ended';

/** What the driver of a server session does for it. Calls come synchronously from the session's methods. */
export interface ServerSessionPort {
  /** Do this RSA job and hand its result to `complete`; results in the order of the jobs. */
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  ping(): void;
  /** Find out who this is and call `identified`. Nothing may change: nobody has proved anything yet. */
  identify(clientId: string, lastSeenOrder: bigint): void;
  /** The peer has proved who it is: fence its older sessions, read LAST SEEN SEQUENCE again, call `claimed`. */
  claim(): void;
  live(hardening: SessionHardening): void;
  /** The layout is known from here on: what the server sends may go. At once after `live`, or later with 'auto'. */
  layoutKnown(layout: Layout): void;
  /** A MESSAGE whose signature and SEQUENCE hold. `json` is not parsed yet. */
  message(sequence: bigint, json: Uint8Array): void;
  /** An RPC request whose signature holds and whose REQUEST_ID is not in flight. */
  request(requestId: bigint, json: Uint8Array): void;
  /** Close the link with this; called at most once. `error` is for the own side only. */
  end(code: number, reason: string, error: Error): void;
}

export interface ServerSessionOptions extends ServerHandshakeOptions {
  /** Has the link a ping that the driver can send? Never used towards a client of the deployed layout. */
  readonly pings: boolean;
  /** Refuse requests whose REQUEST_ID lies below 2^62: outside of hardened sessions they could be messages of another type. */
  readonly requireHighRequestIds: boolean;
  readonly deadlines: Deadlines;
}
