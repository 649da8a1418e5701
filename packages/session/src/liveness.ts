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
  /** Client, hardened: heartbeats but no sealed frame for so long, then it asks for one. */
  readonly unsealed: Milliseconds;
  /** Client, hardened: from then on, until a sealed frame comes. */
  readonly checkpoint: Milliseconds;
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
  unsealed: 10_000,
  checkpoint: 5_000,
  ping: 4_000,
  pong: 4_800,
  refusal: 100,
  layout: 1_000,
};

/** Bytes between two pings while much is sent: on a link of 15 kB/s their pongs still come within the time for one. */
const bytesPerPing = 98_304;
/** Fewer than the 60 for which `ws` lets pongs wait that cannot be written; a client with more would leave. */
const maxUnansweredPings = 48;

/**
 * When a live server session beats, pings and gives its client up. Deadlines compare with the injected clock; a late
 * `tick` beats once, not once for each beat that was missed.
 *
 * A ping waits behind everything that was sent before it, which may be megabytes in the buffers of systems and proxies.
 * So pings also go between what is sent, and a client on a slow link answers as it gets there.
 */
export class ServerLiveness {
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  #beatAt: Milliseconds;
  #pingAt = Number.POSITIVE_INFINITY;
  #deadAt = Number.POSITIVE_INFINITY;
  /** The last sign of life, or a ping after it. */
  #since = Number.NEGATIVE_INFINITY;
  #pings = false;
  #bytesSincePing = 0;
  #unanswered = 0;

  constructor(deadlines: Deadlines, clock: Clock) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#beatAt = clock.now() + deadlines.heartbeat;
  }

  get nextTick(): Milliseconds {
    return Math.min(this.#beatAt, this.#pingAt, this.#deadAt);
  }

  /** False: so many pings are unanswered that no more can go between what is sent, and a slow link would seem dead. */
  get hasRoom(): boolean {
    return this.#unanswered < maxUnansweredPings;
  }

  startPings(): void {
    this.#pings = true;
    this.heard();
  }

  /** Anything came from the client, at `at` or just now. What came before a ping is no answer to it. */
  heard(at = this.#clock.now()): void {
    if (!this.#pings || at < this.#since) return;
    this.#since = at;
    this.#pingAt = at + this.#deadlines.ping;
    this.#deadAt = Number.POSITIVE_INFINITY;
  }

  /** True: a ping is to follow what was sent. */
  sent(frames: readonly Uint8Array[]): boolean {
    if (!this.#pings) return false;
    for (const frame of frames) this.#bytesSincePing += frame.length;
    if (this.#bytesSincePing < bytesPerPing || !this.#mayPing()) return false;
    this.#bytesSincePing = 0;
    return true;
  }

  /** A ping was answered. True: the client has taken what was sent before it. */
  ponged(): boolean {
    this.heard();
    if (this.#unanswered === 0) return false;
    this.#unanswered -= 1;
    return true;
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
      this.#since = now;
      this.#pingAt = Number.POSITIVE_INFINITY;
      this.#deadAt = now + this.#deadlines.pong;
      // The answer to one that is still on its way does as well.
      if (this.#mayPing()) return 'ping';
    }
    return undefined;
  }

  #mayPing(): boolean {
    if (!this.hasRoom) return false;
    this.#unanswered += 1;
    return true;
  }
}

/**
 * When a client gives its server up. Heartbeats are not sealed, so anybody on the way can keep them coming: a hardened
 * session also wants a sealed frame now and then, asks for one, and leaves without it.
 */
export class ClientLiveness {
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #wantsSealed: boolean;
  #silentAt: Milliseconds;
  #unsealedAt = Number.POSITIVE_INFINITY;
  #asked = false;

  /** The proof has left. */
  constructor(deadlines: Deadlines, clock: Clock, wantsSealed: boolean) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#wantsSealed = wantsSealed;
    this.#silentAt = clock.now() + deadlines.silence;
  }

  get nextTick(): Milliseconds {
    return Math.min(this.#silentAt, this.#unsealedAt);
  }

  /** Something came on a live session. */
  heard(sealed: boolean): void {
    const now = this.#clock.now();
    this.#silentAt = now + this.#deadlines.silence;
    if (!sealed || !this.#wantsSealed) return;
    this.#unsealedAt = now + this.#deadlines.unsealed;
    this.#asked = false;
  }

  /** Bytes that are no whole frame came at `at`: they break the silence, and say no more than a heartbeat. */
  heardBytes(at: Milliseconds): void {
    this.#silentAt = Math.max(this.#silentAt, at + this.#deadlines.silence);
  }

  /** What is due now. */
  tick(): 'silent' | 'ask' | 'unanswered' | undefined {
    const now = this.#clock.now();
    if (now >= this.#silentAt) return 'silent';
    if (now < this.#unsealedAt) return undefined;
    if (this.#asked) return 'unanswered';
    this.#asked = true;
    this.#unsealedAt = now + this.#deadlines.checkpoint;
    return 'ask';
  }
}
