import type { Caller } from './gate.js';
import { KeyedBuckets } from './keyed-buckets.js';
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
  readonly #all: TokenBucket;
  readonly #perAddress: KeyedBuckets;

  /** @param now milliseconds on a monotonic clock */
  constructor(limits: FailedHandshakeLimits, now: () => number) {
    const { perSecond, burst, maxAddresses } = limits;
    const each: Rate = { perSecond: limits.perSecondPerAddress, burst: limits.burstPerAddress };
    this.#all = new TokenBucket({ perSecond, burst }, now);
    this.#perAddress = new KeyedBuckets(each, maxAddresses, now);
  }

  /** The limit because of which no RSA is done for this address now. Whatever a hello holds, this does not depend on it. */
  exceeded(address: string, caller: Caller): FailedHandshakesLimit | undefined {
    const bucket = this.#perAddress.find(address);
    if (bucket !== undefined && bucket.level < 1) return 'failedHandshakes.perSecondPerAddress';
    if (this.#all.level < 1 && caller === 'stranger') return 'failedHandshakes.perSecond';
    return undefined;
  }

  /** Handshakes under way are not charged yet, so that these may be more than there were tokens. */
  failed(address: string): void {
    this.#perAddress.use(address).spend();
    this.#all.spend();
  }

  proved(address: string): void {
    this.#perAddress.find(address)?.giveBack();
  }
}
