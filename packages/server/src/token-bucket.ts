export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens that a bucket holds at most, and at first. */
  readonly burst: number;
}

/** Tokens that are spent at once and come back steadily. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** @param now milliseconds on a monotonic clock */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
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

  /** Spends one where there is one. */
  take(): boolean {
    if (this.level < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Spends one that need not be there; no debt is deeper than the burst, so that none takes longer to pay than that to come back. */
  spend(): void {
    this.#tokens = Math.max(-this.#rate.burst, this.level - 1);
  }

  giveBack(): void {
    this.#tokens = Math.min(this.#rate.burst, this.level + 1);
  }
}
