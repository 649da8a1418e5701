import type { Cancel, Scheduler } from '@sealwire/transport';
import type { TokenBucket } from './token-bucket.js';

/** A client sent more than its rate allows. */
export interface Excess {
  readonly clientId: string;
  /** How often this session has, this time included. */
  readonly times: number;
}

/**
 * What is too much waits and reading stops until the rate is kept again; or the session ends with 4009 once all that the
 * rate allowed is done with, and what is too much comes again in the next.
 */
export type ExcessAction = 'pause' | 'close';

export interface RateLimit {
  /** Messages and requests of one client, a second. */
  readonly framesPerSecond: number;
  /** The same at once. Default: as many as in one second. */
  readonly burst?: number;
  /** What to do, or a function that decides each time. Default 'pause'. Where a link cannot stop reading: 'close'. */
  readonly onExceeded?: ExcessAction | ((excess: Excess) => ExcessAction);
}

export interface FrameRatePort {
  /** Whether the link can stop reading. */
  readonly pausable: boolean;
  decide(times: number): ExcessAction;
  pause(): void;
  resume(): void;
  /** Everything that was handed on is done with. */
  idle(): boolean;
  close(): void;
}

/**
 * Holds one session to the rate of its client, whose bucket it goes on with: a message or request that finds no token
 * waits for one, also behind a login, so that a bucket never owes anything and neither a burst nor dialing again gets
 * more through. Only what the client signed asks for a token, so that bytes forged on the way take none. What those
 * cost is bounded elsewhere: the first that cannot be opened, read or verified ends its session, in a hardened one
 * before anything behind it is opened; of others at most `maxPendingMessages` are verified at a time.
 */
export class FrameRate {
  readonly #bucket: TokenBucket;
  readonly #scheduler: Scheduler;
  readonly #port: FrameRatePort;
  /** In the order of their coming; bounded as all that is received and not done with, for reading has stopped. */
  readonly #waiting: (() => void)[] = [];
  #state: 'open' | 'paused' | 'closing' | 'stopped' = 'open';
  #times = 0;
  #cancel: Cancel = () => {};

  constructor(bucket: TokenBucket, scheduler: Scheduler, port: FrameRatePort) {
    this.#bucket = bucket;
    this.#scheduler = scheduler;
    this.#port = port;
  }

  /** The end was decided: nobody looks at what comes. */
  get closing(): boolean {
    return this.#state === 'closing';
  }

  /** One was accepted; `handOn` is called now, or when its turn has come. @returns false where it will not be handed on */
  admit(handOn: () => void): boolean {
    if (this.#state === 'open') {
      if (this.#bucket.take()) {
        handOn();
        return true;
      }
      this.#exceeded();
    }
    if (this.#state !== 'paused') return false;
    this.#waiting.push(handOn);
    return true;
  }

  tick(): void {
    if (this.#state === 'closing' && this.#port.idle()) this.#port.close();
  }

  /** Nothing is handed on any more. */
  stop(): void {
    this.#cancel();
    this.#waiting.length = 0;
    if (this.#state !== 'closing') this.#state = 'stopped';
  }

  #exceeded(): void {
    this.#times += 1;
    this.#state = this.#decide() === 'close' || !this.#port.pausable ? 'closing' : 'paused';
    this.#port.pause();
    if (this.#state === 'paused') this.#handOnLater();
  }

  #handOnLater(): void {
    this.#cancel = this.#scheduler.after(this.#bucket.untilNext, () => this.#handOn());
  }

  #handOn(): void {
    // What is handed on may end the session.
    while (this.#state === 'paused' && this.#bucket.level >= 1) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#state = 'open';
        return this.#port.resume();
      }
      this.#bucket.take();
      next();
    }
    if (this.#state === 'paused') this.#handOnLater();
  }

  /** A function that throws must not cost the client its frames, nor be silenced. */
  #decide(): ExcessAction {
    try {
      return this.#port.decide(this.#times);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
      return 'pause';
    }
  }
}
