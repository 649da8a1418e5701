import { forgetOldest } from './forget-oldest.js';
import { type Rate, TokenBucket } from './token-bucket.js';

/**
 * A bucket for each address or client. Beyond `max` the one that was used the longest ago is forgotten, which is as good
 * as full again.
 */
export class KeyedBuckets {
  readonly #rate: Rate;
  readonly #max: number;
  readonly #now: () => number;
  /** In the order of use. */
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param now milliseconds on a monotonic clock */
  constructor(rate: Rate, max: number, now: () => number) {
    this.#rate = rate;
    this.#max = max;
    this.#now = now;
  }

  /** The one of this key, made where there is none: for what spends. */
  use(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, this.#now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    forgetOldest(this.#buckets, this.#max);
    return bucket;
  }

  /** Undefined where it is full, as far as is remembered. */
  find(key: string): TokenBucket | undefined {
    return this.#buckets.get(key);
  }
}
