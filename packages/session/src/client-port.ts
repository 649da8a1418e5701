import type { ClientHandshakeOptions, ClientHandshakeStep, Terms } from './client-handshake.js';
import type { Job } from './jobs.js';
import type { Deadlines } from './liveness.js';

/** Where a client's session stands: the steps of the handshake, and then down this list. */
export type ClientSessionState =
  | ClientHandshakeStep
  /** The proof is out: messages may be sent; the server has not been heard since. */
  | 'ready'
  /** The server was heard after the proof. */
  | 'live'
  | 'ended';

/** What the driver of a client session does for it. Calls come synchronously from the session's methods. */
export interface ClientSessionPort {
  /** Do this RSA job and hand its result to `complete`; results in the order of the jobs. */
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  /**
   * The server's LAST SEEN SEQUENCE, before anything is signed. Return an error to end the session with it: the
   * number does not fit what this client has sent.
   */
  welcome(lastSeenSequence: bigint, terms: Terms): Error | undefined;
  /** The proof is out: send. */
  ready(): void;
  /** The server was heard after the proof; where the session is hardened, by a sealed frame. */
  live(): void;
  /** A hardened session has had heartbeats only for too long, which anybody can send: ask for a Checkpoint. */
  unsealed(): void;
  /** One server MESSAGE whose ORDER is larger than all before. `json` is not parsed yet. */
  message(order: bigint, timestamp: number, json: Uint8Array): void;
  answer(requestId: bigint, json: Uint8Array): void;
  /** The server's ERROR text, made safe by `errorText`; a close follows. */
  error(text: string): void;
  /** The session gave up: close the link with this code and an empty reason. Called at most once. */
  end(code: number, error: Error): void;
}

export interface ClientSessionOptions extends ClientHandshakeOptions {
  /** ORDER may grow by this much from one message to the next; more is an altered frame. */
  readonly maxOrderGap: bigint;
  /** A larger frame is not built: the peer would close the link over it. */
  readonly maxFrameBytes: number;
  /** In a session of the document, refuse sealed frames that come twice; where nothing below protects the link. */
  readonly refuseRepeatedFrames: boolean;
  readonly deadlines: Deadlines;
}
