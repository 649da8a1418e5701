import type { Clock, Deadlines, Milliseconds } from './liveness.js';
import type { ServerHandshakeStep } from './server-handshake.js';

/** What a server session waits for next, beside its heartbeats and pings. */
export class ServerDeadlines {
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  #askedAt: Milliseconds;
  #due: Milliseconds;
  #proofDue = Number.POSITIVE_INFINITY;

  /** The time for the hello runs. */
  constructor(deadlines: Deadlines, clock: Clock) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#askedAt = clock.now();
    this.#due = this.#askedAt + deadlines.hello;
  }

  /** When the handshake's step began, which is when the frame came that it is busy with. */
  get askedAt(): Milliseconds {
    return this.#askedAt;
  }

  get due(): Milliseconds {
    return this.#due;
  }

  get passed(): boolean {
    return this.#clock.now() >= this.#due;
  }

  /** A proof that is looked at later fences nobody. */
  get proofIsLate(): boolean {
    return this.#clock.now() >= this.#proofDue;
  }

  stepped(step: ServerHandshakeStep): void {
    // The store answers a claim when it can; all other waits are for the peer or for RSA.
    const limit = step === 'claim' ? Number.POSITIVE_INFINITY : this.#deadlines.proof;
    this.#askedAt = this.#clock.now();
    this.#due = this.#askedAt + limit;
    if (step === 'proof') this.#proofDue = this.#due;
  }

  /** Counted from the frame, not from the check that failed: the checks take different times. */
  refused(since: Milliseconds): void {
    this.#due = since + this.#deadlines.refusal;
  }

  /** The client's layout is to show. */
  layout(): void {
    this.#due = this.#clock.now() + this.#deadlines.layout;
  }

  clear(): void {
    this.#due = Number.POSITIVE_INFINITY;
  }
}
