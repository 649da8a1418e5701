import type { SimProcess } from './sim-process.js';

/** The first message of a client, or the answer of the server to it. */
export type HandshakeMessage = 'hello' | 'welcome';

/** The two ends of a connection. */
export interface Ends {
  readonly client: SimProcess;
  readonly server: SimProcess;
}

interface Recorded {
  readonly frame: Uint8Array;
  readonly ends: Ends;
}

/** What somebody on the way of one client keeps of the handshakes that led to a session. */
export class Recordings {
  readonly #recorded = new Map<HandshakeMessage, Recorded>();
  #next: HandshakeMessage | undefined;

  /**
   * In the next connection the recorded message comes in the place of the new one, if whoever takes it is the same process
   * as then: another one has forgotten what came before. A client that had no session yet would stop at the refusal.
   */
  replayNext(message: HandshakeMessage): void {
    this.#next = message;
  }

  /**
   * A new connection.
   *
   * @param fooled called where an end goes on after a recorded message
   */
  opened(ends: Ends, fooled: (by: HandshakeMessage) => void): HandshakeTap {
    const wanted = this.#next;
    this.#next = undefined;
    return new HandshakeTap(ends, wanted, this.#recorded, fooled);
  }
}

/** Sees the first two frames of each direction of one connection, and may replace one. */
export class HandshakeTap {
  readonly #ends: Ends;
  readonly #wanted: HandshakeMessage | undefined;
  readonly #recorded: Map<HandshakeMessage, Recorded>;
  readonly #fooled: (by: HandshakeMessage) => void;
  readonly #seen = new Map<HandshakeMessage, Uint8Array>();
  #replayed: HandshakeMessage | undefined;

  constructor(
    ends: Ends,
    wanted: HandshakeMessage | undefined,
    recorded: Map<HandshakeMessage, Recorded>,
    fooled: (by: HandshakeMessage) => void,
  ) {
    this.#ends = ends;
    this.#wanted = wanted;
    this.#recorded = recorded;
    this.#fooled = fooled;
  }

  /** @returns what goes on in its place */
  passing(direction: 'up' | 'down', number: 1 | 2, frame: Uint8Array): Uint8Array {
    const message = direction === 'up' ? 'hello' : 'welcome';
    if (number === 2) {
      // It follows upon what came from the other side.
      this.#followed(message === 'hello' ? 'welcome' : 'hello');
      return frame;
    }
    this.#seen.set(message, frame.slice());
    const recorded = this.#recorded.get(message);
    if (this.#wanted !== message || recorded === undefined || !this.#fits(message, recorded)) return frame;
    this.#replayed = message;
    return recorded.frame.slice();
  }

  #followed(message: HandshakeMessage): void {
    if (this.#replayed === message) return this.#fooled(message);
    const frame = this.#seen.get(message);
    if (frame !== undefined && this.#replayed === undefined) {
      this.#recorded.set(message, { frame, ends: this.#ends });
    }
  }

  #fits(message: HandshakeMessage, { ends }: Recorded): boolean {
    const { client, server } = this.#ends;
    return ends.client === client && (message === 'welcome' || ends.server === server);
  }
}
