import type { ServerStore } from '@sealwire/store';
import { numbered } from './numbered.js';
import { now } from './time.js';

export interface Pace {
  readonly ids: readonly string[];
  /** Messages a second for each of them. */
  readonly perSecond: number;
  /** Of one message's JSON. */
  readonly bytes: number;
}

const perCommit = 1_000;
const inFlight = 8;
/** Rounds of a pace whose flush is awaited; beyond it the publisher falls behind rather than let them pile up. */
const mostUnflushed = 1_000;

/** Publishes numbered messages: as fast as the store takes them, or paced. */
export class Publisher {
  readonly #store: ServerStore;
  readonly #last = new Map<string, number>();

  constructor(store: ServerStore) {
    this.#store = store;
  }

  /** Appends to the log of each of `ids` until its newest ORDER is `upTo`. */
  async fill(ids: readonly string[], upTo: number, bytes: number): Promise<void> {
    const work = this.#fillings(ids, upTo, bytes);
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        for await (const publishes of work) await this.#store.commit({ publishes }).flushed;
      }),
    );
  }

  async *#fillings(ids: readonly string[], upTo: number, bytes: number) {
    for (const clientId of ids) {
      let n = await this.#lastOf(clientId);
      while (n < upTo) {
        const publishes = [];
        while (n < upTo && publishes.length < perCommit) {
          publishes.push({ clientId, json: numbered(++n, 0, bytes), timestamp: 0 });
        }
        this.#last.set(clientId, n);
        yield publishes;
      }
    }
  }

  /** Publishes at that pace until `stopped`; returns how many messages, once all are flushed. */
  async pace({ ids, perSecond, bytes }: Pace, stopped: () => boolean): Promise<number> {
    for (const clientId of ids) await this.#lastOf(clientId);
    const began = now();
    const flushes = new Set<Promise<unknown>>();
    let rounds = 0;
    while (!stopped()) {
      const due = ((now() - began) / 1_000) * perSecond;
      for (; rounds < due && flushes.size < mostUnflushed; rounds++) {
        const flushed = this.#round(ids, bytes);
        flushes.add(flushed);
        void flushed.then(() => flushes.delete(flushed));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(flushes);
    return rounds * ids.length;
  }

  #round(ids: readonly string[], bytes: number): Promise<unknown> {
    const at = now();
    const publishes = ids.map((clientId) => {
      const n = (this.#last.get(clientId) ?? 0) + 1;
      this.#last.set(clientId, n);
      return { clientId, json: numbered(n, at, bytes), timestamp: 0 };
    });
    return this.#store.commit({ publishes }).flushed;
  }

  async #lastOf(clientId: string): Promise<number> {
    const last = this.#last.get(clientId) ?? Number((await this.#store.read(clientId)).head);
    this.#last.set(clientId, last);
    return last;
  }
}
