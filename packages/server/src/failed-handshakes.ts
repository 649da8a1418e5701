import { forgetOldest } from './forget-oldest.js';
import type { Caller } from './gate.js';
import { type Rate, TokenBucket } from './token-bucket.js';

/** What handshakes may cost that come to nothing: RSA private-key operations without a good proof after them. */
export interface FailedHandshakeLimits {
  /** Such handshakes a second of one address (an IPv6 address counts as its /64 network). Default 20. */
  readonly perSecondPerAddress: number;
  /** The same at once. Default 100. */
  readonly burstPerAddress: number;
  /** Such handshakes a second of all addresses. Default 500; beyond it only addresses with a good proof are heard. */
  readonly perSecond: number;
  /** The same at once. Default 1,000. */
  readonly burst: number;
  /** Addresses that are remembered because of failures. Default 10,000. */
  readonly maxAddresses: number;
}

export const defaultFailedHandshakeLimits: FailedHandshakeLimits = {
  perSecondPerAddress: 20,
  burstPerAddress: 100,
  perSecond: 500,
  burst: 1_000,
  maxAddresses: 10_000,
};

export type FailedHandshakesLimit = 'failedHandshakes.perSecondPerAddress' | 'failedHandshakes.perSecond';

/**
 * Token buckets for RSA work. Only failures are charged, and a good proof gives one back: however many clients come
 * back at once through one proxy, they have their way, and with them some that fail.
 */
export class FailedHandshakes {
  readonly #limits: FailedHandshakeLimits;
  readonly #now: () => number;
  readonly #all: TokenBucket;
  /** Of addresses that failed; the one that failed the longest ago is forgotten first. */
  readonly #perAddress = new Map<string, TokenBucket>();

  /** @param now milliseconds on a monotonic clock */
  constructor(limits: FailedHandshakeLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#all = bucketOf({ perSecond: limits.perSecond, burst: limits.burst }, now);
  }

  /** The limit because of which no RSA is done for this address now. Whatever a hello holds, this does not depend on it. */
  exceeded(address: string, caller: Caller): FailedHandshakesLimit | undefined {
    const bucket = this.#perAddress.get(address);
    if (bucket !== undefined && bucket.level < 1) return 'failedHandshakes.perSecondPerAddress';
    if (this.#all.level < 1 && caller === 'stranger') return 'failedHandshakes.perSecond';
    return undefined;
  }

  failed(address: string): void {
    const { perSecondPerAddress: perSecond, burstPerAddress: burst, maxAddresses } = this.#limits;
    const bucket = this.#perAddress.get(address) ?? bucketOf({ perSecond, burst }, this.#now);
    bucket.spend(1);
    this.#all.spend(1);
    this.#perAddress.delete(address);
    this.#perAddress.set(address, bucket);
    forgetOldest(this.#perAddress, maxAddresses);
  }

  proved(address: string): void {
    this.#perAddress.get(address)?.giveBack(1);
  }
}

/** Handshakes under way are not charged yet and may overdraw it; no debt takes longer to pay than the burst to come back. */
function bucketOf(rate: Rate, now: () => number): TokenBucket {
  return new TokenBucket(rate, now, -rate.burst);
}
