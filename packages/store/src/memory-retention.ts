import { Deque } from './deque.js';
import type { History } from './memory-log.js';

/** What was added to one history with nothing added to others in between, and at one time if age counts. */
interface Addition {
  readonly history: History;
  upTo: bigint;
  readonly at: number;
}

const FEWEST_BEFORE_SWEEP = 1024;

/**
 * Keeps all histories together within a number of bytes and an age: everything that was ever added stands in one
 * queue, so the oldest of all clients is found at once and nobody's clock but `now` decides.
 */
export class MemoryRetention {
  readonly #maxTotalBytes: number;
  readonly #maxAge: number;
  readonly #now: () => number;
  #additions = new Deque<Addition>();
  #bytes = 0;
  #sweepAt = FEWEST_BEFORE_SWEEP;

  constructor(options: { maxTotalBytes: number; maxAge: number; now: () => number }) {
    this.#maxTotalBytes = options.maxTotalBytes;
    this.#maxAge = options.maxAge;
    this.#now = options.now;
  }

  added(history: History, upTo: bigint, bytes: number): void {
    this.#bytes += bytes;
    const at = this.#maxAge === Infinity ? 0 : this.#now();
    const last = this.#additions.at(this.#additions.length - 1);
    if (last?.history === history && last.at === at) last.upTo = upTo;
    else this.#additions.push({ history, upTo, at });
  }

  removeOldest(history: History): void {
    this.#bytes -= history.removeOldest();
  }

  /** Removes what is too old or too much. Costs nothing when there is nothing to remove. */
  enforce(): void {
    if (this.#maxAge !== Infinity) {
      const oldest = this.#now() - this.#maxAge;
      for (let next = this.#additions.at(0); next && next.at < oldest; next = this.#additions.at(0)) {
        while (next.history.removedUpTo < next.upTo) this.removeOldest(next.history);
        this.#additions.shift();
      }
    }
    while (this.#bytes > this.#maxTotalBytes) {
      const next = this.#additions.at(0);
      if (next === undefined) break;
      if (next.history.removedUpTo < next.upTo) this.removeOldest(next.history);
      else this.#additions.shift();
    }
    if (this.#additions.length >= this.#sweepAt) this.#sweep();
  }

  /** Forgets additions that a client's own bound has removed: behind one that stays they would pile up. */
  #sweep(): void {
    const kept = new Deque<Addition>();
    for (const addition of this.#additions.slice(0)) {
      if (addition.history.removedUpTo < addition.upTo) kept.push(addition);
    }
    this.#additions = kept;
    this.#sweepAt = Math.max(FEWEST_BEFORE_SWEEP, kept.length * 2);
  }
}
