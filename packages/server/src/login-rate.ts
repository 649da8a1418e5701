import { KeyedBuckets } from './keyed-buckets.js';
import type { Rate } from './token-bucket.js';

/** How often one client may prove itself: each time costs RSA, a claim in the store, and the session before it. */
export type LoginRate = Rate;

/** What no client reaches that waits between its tries, however bad its network is. */
export const defaultLoginRate: LoginRate = { perSecond: 10, burst: 100 };

/** Bounds the logins of each client, of which two processes with one id would do as many as the server can. */
export class Logins {
  readonly #buckets: KeyedBuckets | undefined;

  /** @param now milliseconds on a monotonic clock */
  constructor(rate: LoginRate | false, maxClients: number, now: () => number) {
    this.#buckets = rate === false ? undefined : new KeyedBuckets(rate, maxClients, now);
  }

  /** Once its proof is good, for before that anybody could use up what is its. */
  admit(clientId: string): boolean {
    return this.#buckets?.use(clientId).take() ?? true;
  }
}
