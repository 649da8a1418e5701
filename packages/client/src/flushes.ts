import { type Deferred, deferred } from './deferred.js';
import type { ClientError } from './errors.js';

interface Waiter {
  readonly upTo: bigint;
  readonly done: Deferred<void>;
}

/** Those who wait until all messages up to an index have an outcome. */
export class Flushes {
  #waiters: Waiter[] = [];

  add(upTo: bigint): Deferred<void> {
    const done = deferred<void>();
    this.#waiters.push({ upTo, done });
    return done;
  }

  /** Does anybody wait for an index that is accepted? */
  some(accept: (upTo: bigint) => boolean): boolean {
    return this.#waiters.some(({ upTo }) => accept(upTo));
  }

  /** Resolves those that wait for no more than this. */
  resolve(settled: (upTo: bigint) => boolean): void {
    this.#waiters = this.#waiters.filter(({ upTo, done }) => {
      if (!settled(upTo)) return true;
      done.resolve();
      return false;
    });
  }

  /** Nothing that they wait for will ever come. */
  refuse(error: ClientError): void {
    for (const { done } of this.#waiters.splice(0)) done.reject(error);
  }

  /** Whoever waited for this has stopped waiting. */
  abandon(abandoned: Deferred<void>): void {
    this.#waiters = this.#waiters.filter(({ done }) => done !== abandoned);
  }
}
