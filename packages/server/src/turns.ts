import type { Scheduler } from '@sealwire/transport';

/** A piece of work that takes part of a turn, and comes again for the next. It must not throw. */
export interface Turn {
  takeTurn(): void;
}

/**
 * Shares the event loop among deliveries and operations with clients' keys: what does not fit the budget of this turn
 * waits, first come first served, until timers and sockets had theirs. So thousands of clients that resume at once, or
 * send all they have, delay no heartbeat, and a live event that needs several turns on its way through the store waits for
 * little in each.
 */
export class Turns {
  readonly #scheduler: Scheduler;
  readonly #budget: number;
  readonly #waiting: Turn[] = [];
  #began = Number.NEGATIVE_INFINITY;
  #open = false;
  #working = false;

  /**
   * @param budget milliseconds of work in one turn of the event loop; the default is longer than the shortest timer, so
   * that the next turn is due when this one ends
   */
  constructor(scheduler: Scheduler, budget = 2) {
    this.#scheduler = scheduler;
    this.#budget = budget;
  }

  /** Behind those who wait already; at once where nobody does and there is time. */
  queue(turn: Turn): void {
    this.#waiting.push(turn);
    if (!this.#open) this.#begin();
    // One that comes again while it works is not worked within itself.
    if (!this.#working && this.#hasBudget()) this.#work();
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
      this.#work();
    });
  }

  /** At least one, so that a clock that jumps cannot stop everything. */
  #work(): void {
    this.#working = true;
    let done = 0;
    try {
      do this.#waiting[done++]?.takeTurn();
      while (done < this.#waiting.length && this.#hasBudget());
    } finally {
      this.#working = false;
      this.#waiting.splice(0, done);
    }
  }
}
