export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens that a bucket holds at most, and at first. */
  readonly burst: number;
}

/** Tokens that are spent at once and come back steadily. What is spent without asking `level` leaves a debt. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #floor: number;
  #tokens: number;
  #at: number;

  /**
   * @param now milliseconds on a monotonic clock
   * @param floor the deepest debt
   */
  constructor(rate: Rate, now: () => number, floor = Number.NEGATIVE_INFINITY) {
    this.#rate = rate;
    this.#now = now;
    this.#floor = floor;
    this.#tokens = rate.burst;
    this.#at = now();
  }

  get level(): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1_000);
    this.#at = now;
    return this.#tokens;
  }

  /** Milliseconds until there is a whole token, at least 1. */
  get untilNext(): number {
    return Math.max(1, Math.ceil(((1 - this.level) / this.#rate.perSecond) * 1_000));
  }

  spend(tokens: number): void {
    this.#tokens = Math.max(this.#floor, this.level - tokens);
  }

  giveBack(tokens: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.level + tokens);
  }
}
