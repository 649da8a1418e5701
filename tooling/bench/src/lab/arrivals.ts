import { isTrade, type Trade } from './payload.js';
import { now } from './time.js';

/** Checks that each of many receivers gets every trade once and in order, and tells when all have had the last. */
export class Arrivals {
  #receivers = 0;
  #done = 0;
  readonly #ends: number[] = [];
  #waiting: { resolve(at: number): void; reject(error: Error): void } | undefined;
  #failed: Error | undefined;

  /** A receiver; call the result with what it gets. */
  receiver(): (payload: Trade) => void {
    this.#receivers += 1;
    let next = 0;
    return (payload) => {
      if (!isTrade(payload, next)) this.fail(new Error(`the message after ${next - 1} is ${payload.n}`));
      next += 1;
      if (payload.last === 1) this.#last();
    };
  }

  /** Nothing that was measured counts any more. */
  fail(error: Error): void {
    this.#failed ??= error;
    this.#waiting?.reject(this.#failed);
  }

  /** Resolves with when the last message of a push came: of the first push, then of the second, and so on. */
  next(): Promise<number> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    const at = this.#ends.shift();
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #last(): void {
    this.#done += 1;
    if (this.#done < this.#receivers) return;
    this.#done = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#ends.push(now());
    else waiting.resolve(now());
  }
}
