import type { Milliseconds } from '@sealwire/session';
import type { Scheduler } from '@sealwire/transport';
import { type Deferred, deferred } from './deferred.js';
import type { ConnectionSettings } from './options.js';
import { type AttemptContext, type AttemptEnd, ReconnectPolicy, type Verdict } from './reconnect.js';

/** A takeover is the client's own doing if another attempt of its own signed within this time. */
const ownTakeoverWindow = 10_000;

/** The policy with what it needs of time: when proofs left, and the wait for the next dial. */
export class Retry {
  readonly #scheduler: Scheduler;
  readonly #policy: ReconnectPolicy;
  readonly #serverDeadline: Milliseconds;
  #begunAt = Number.NEGATIVE_INFINITY;
  #proofAt = Number.NEGATIVE_INFINITY;
  /** When the last proof left whose fate is not known: the server may act on it late. */
  #openProofAt = Number.NEGATIVE_INFINITY;
  #wait: Deferred<void> | undefined;

  constructor({ scheduler, reconnect, random, serverKeys, deadlines }: ConnectionSettings) {
    this.#scheduler = scheduler;
    this.#serverDeadline = Math.min(deadlines.hello, deadlines.proof);
    this.#policy = new ReconnectPolicy(reconnect, random, serverKeys.length);
  }

  /** An attempt begins, with the dial. */
  begin(): void {
    this.#begunAt = this.#scheduler.now();
  }

  /** A proof has left. */
  proved(): void {
    this.#proofAt = this.#scheduler.now();
  }

  /** An attempt has ended after which the next dial comes without a verdict. */
  ended(end: AttemptEnd): void {
    if (end.phase === 'proof') this.#openProofAt = this.#proofAt;
  }

  next(end: AttemptEnd, context: Omit<AttemptContext, 'otherProof' | 'late'>): Verdict {
    const now = this.#scheduler.now();
    const otherProof = now - this.#openProofAt < ownTakeoverWindow;
    // The server's clock began to run after ours, so what is refused sooner was not refused for being late.
    const late = now - this.#begunAt >= this.#serverDeadline;
    this.ended(end);
    return this.#policy.next(end, { ...context, otherProof, late });
  }

  /** Resolves when the time is up, or earlier with `endWait`. */
  async wait(time: Milliseconds): Promise<void> {
    const wait = deferred<void>();
    this.#wait = wait;
    const cancel = this.#scheduler.after(time, () => wait.resolve());
    await wait.promise;
    cancel();
    this.#wait = undefined;
  }

  endWait(): void {
    this.#wait?.resolve();
  }
}
