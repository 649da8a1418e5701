import type { Layout } from '@sealwire/framing';
import type { SessionHardening } from '@sealwire/session';
import { ClientError } from './errors.js';

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
      /** 'hardened', or why the session is not. */
      readonly hardening: SessionHardening;
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

/** Holds the state and tells its listeners. The one place where it changes; closed is for ever. */
export class StateCell {
  readonly #threw: (cause: unknown) => void;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  #current: ConnectionState = { kind: 'connecting', attempt: 1 };

  /** @param threw a listener did */
  constructor(threw: (cause: unknown) => void) {
    this.#threw = threw;
  }

  get current(): ConnectionState {
    return this.#current;
  }

  /** Is there a session, or is one being sought? */
  get active(): boolean {
    const { kind } = this.#current;
    return kind === 'connecting' || kind === 'live' || kind === 'waiting';
  }

  /** Stopped, but the application may still choose where to read on. */
  get resumable(): boolean {
    const state = this.#current;
    return (
      state.kind === 'stopped' && (state.error.code === 'E_HISTORY_GONE' || state.error.code === 'E_AHEAD')
    );
  }

  /** @throws ClientError `E_CLOSED`, or the code with which the client stopped */
  assertOpen(): void {
    const state = this.#current;
    if (state.kind === 'closing' || state.kind === 'closed') {
      throw new ClientError('E_CLOSED', 'the client is closed');
    }
    if (state.kind === 'stopped' && !this.resumable) {
      throw new ClientError(state.error.code, 'the client has stopped', { cause: state.error });
    }
  }

  listen(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param settle runs between the change and the listeners, which may already act on what comes after */
  change(next: ConnectionState, settle: () => void = () => {}): void {
    if (this.#current.kind === 'closed') return;
    this.#current = next;
    settle();
    for (const listener of [...this.#listeners]) {
      // A listener before this one may have moved on.
      if (this.#current !== next) return;
      try {
        listener(next);
      } catch (cause) {
        this.#threw(cause);
      }
    }
  }
}
