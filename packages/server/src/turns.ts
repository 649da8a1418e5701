import type { Scheduler } from '@sealwire/transport';

/**
 * Shares the event loop among deliveries: what does not fit the budget of this turn waits, first come first served,
 * until timers and sockets had theirs. So thousands of clients that resume at once delay no heartbeat, and a live event
 * that needs several turns on its way through the store waits for little in each.
 */
export class Turns {
  readonly #scheduler: Scheduler;
  readonly #budget: number;
  readonly #waiting: (() => void)[] = [];
  #began = Number.NEGATIVE_INFINITY;
  #open = false;

  /**
   * @param budget milliseconds of work in one turn of the event loop; the default is longer than the shortest timer, so
   * that the next turn is due when this one ends
   */
  constructor(scheduler: Scheduler, budget = 2) {
    this.#scheduler = scheduler;
    this.#budget = budget;
  }

  /** Runs `work`, which must not throw, now or in a later turn; resolves when it has run. */
  run(work: () => void): Promise<void> | undefined {
    if (!this.#open) this.#begin();
    if (this.#waiting.length === 0 && this.#hasBudget()) {
      work();
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        work();
        resolve();
      });
    });
  }

  #hasBudget(): boolean {
    return this.#scheduler.now() - this.#began < this.#budget;
  }

  #begin(): void {
    this.#open = true;
    this.#began = this.#scheduler.now();
    this.#scheduler.after(0, () => {
      this.#open = false;
      if (this.#waiting.length === 0) return;
      this.#begin();
      // At least one, so that a clock that jumps cannot stop everything.
      do this.#waiting.shift()?.();
      while (this.#waiting.length > 0 && this.#hasBudget());
    });
  }
}
