import type { Clock } from '../../src/index.js';

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000;

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
