/** Milliseconds on the injected monotonic clock. */
export type Milliseconds = number;

/** Time as a session sees it: monotonic, injected, never the wall clock. */
export interface Clock {
  now(): Milliseconds;
}

/** Every time limit of the protocol, with its reason. All in milliseconds. */
export interface Deadlines {
  /** Server: from the open link to the hello. */
  readonly hello: Milliseconds;
  /** Server: from the welcome to the proof. */
  readonly proof: Milliseconds;
  /** Client: the whole handshake, from the open link until it has signed. */
  readonly handshake: Milliseconds;
  /** Server: between two heartbeats, also while other traffic flows; the exchange's own client leaves after 3 s. */
  readonly heartbeat: Milliseconds;
  /** Client: without one received byte; two heartbeats and a stall of the server fit in. */
  readonly silence: Milliseconds;
  /** Server: between two pings of a link that can ping. */
  readonly ping: Milliseconds;
  /** Server: without a pong or any other byte after a ping. */
  readonly pong: Milliseconds;
  /** Server: a refused handshake closes this long after the frame that caused it, whatever the cause, so that time tells nothing. */
  readonly refusal: Milliseconds;
  /** Server with `layout: 'auto'`: how long it waits for a frame that shows the client's layout. */
  readonly layout: Milliseconds;
}

export const defaultDeadlines: Deadlines = {
  hello: 3_000,
  proof: 5_000,
  handshake: 5_000,
  heartbeat: 2_000,
  silence: 4_800,
  ping: 4_000,
  pong: 4_800,
  refusal: 100,
  layout: 1_000,
};

/**
 * When a live server session beats, pings and gives its client up. Deadlines compare with the injected clock; a late
 * `tick` beats once, not once for each beat that was missed.
 */
export class ServerLiveness {
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  #beatAt: Milliseconds;
  #pingAt = Number.POSITIVE_INFINITY;
  #deadAt = Number.POSITIVE_INFINITY;
  #pings = false;

  constructor(deadlines: Deadlines, clock: Clock) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#beatAt = clock.now() + deadlines.heartbeat;
  }

  get nextTick(): Milliseconds {
    return Math.min(this.#beatAt, this.#pingAt, this.#deadAt);
  }

  startPings(): void {
    this.#pings = true;
    this.heard();
  }

  /** Anything came from the client. */
  heard(): void {
    if (!this.#pings) return;
    this.#pingAt = this.#clock.now() + this.#deadlines.ping;
    this.#deadAt = Number.POSITIVE_INFINITY;
  }

  /** What is due now, the most urgent first; call again for the rest. */
  tick(): 'dead' | 'beat' | 'ping' | undefined {
    const now = this.#clock.now();
    if (now >= this.#deadAt) return 'dead';
    if (now >= this.#beatAt) {
      this.#beatAt = now + this.#deadlines.heartbeat;
      return 'beat';
    }
    if (now >= this.#pingAt) {
      this.#pingAt = Number.POSITIVE_INFINITY;
      this.#deadAt = now + this.#deadlines.pong;
      return 'ping';
    }
    return undefined;
  }
}
