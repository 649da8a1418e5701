import type { TokenBucket } from './token-bucket.js';

/** A client sent more than its rate allows. */
export interface Excess {
  readonly clientId: string;
  /** How often this session has, this time included. */
  readonly times: number;
}

/** Reading stops until the rate is kept again, or the session ends with 4009 once all that came is done with. */
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
  /** Everything that came is done with. */
  idle(): boolean;
  close(): void;
}

/** Holds one session to the rate of its client, whose bucket it goes on with. Nothing that was read is dropped: what is too much is not read. */
export class FrameRate {
  readonly #bucket: TokenBucket;
  readonly #port: FrameRatePort;
  #state: 'open' | 'paused' | 'closing' = 'open';
  #times = 0;

  constructor(bucket: TokenBucket, port: FrameRatePort) {
    this.#bucket = bucket;
    this.#port = port;
  }

  /** Before they are handed on. @returns false where they came after the end was decided: nobody looks at them */
  admit(frames: number): boolean {
    if (this.#state === 'closing') return false;
    this.#bucket.spend(frames);
    if (this.#state === 'paused' || this.#bucket.level >= 0) return true;
    this.#times += 1;
    this.#state = this.#decide() === 'close' || !this.#port.pausable ? 'closing' : 'paused';
    this.#port.pause();
    return true;
  }

  tick(): void {
    if (this.#state === 'closing' && this.#port.idle()) return this.#port.close();
    if (this.#state !== 'paused' || this.#bucket.level < 1) return;
    this.#state = 'open';
    this.#port.resume();
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
