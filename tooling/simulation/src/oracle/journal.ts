import type { SimClock } from '@sealwire/testing';
import type { Invariant, Violation } from './violation.js';

/** What happened, in order: always as a hash, and as text where it is asked for. The first violation ends a run. */
export class Journal {
  readonly lines: string[] | undefined;
  readonly #clock: SimClock;
  #hash = 0;
  #violation: Violation | undefined;

  get now(): number {
    return this.#clock.now;
  }

  constructor(clock: SimClock, keepsLines: boolean) {
    this.#clock = clock;
    this.lines = keepsLines ? [] : undefined;
  }

  /** The same plan gives the same hash. */
  get hash(): number {
    return this.#hash;
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  note(words: string): void {
    const { now } = this.#clock;
    this.#hash = (Math.imul(this.#hash, 31) + (hashOf(words) ^ Math.round(now * 1000))) | 0;
    // Text that nobody asked for costs more than all the rest of it.
    this.lines?.push(`${now.toFixed(3)} ${words}`);
  }

  violated(invariant: Invariant, words: string): void {
    if (this.#violation !== undefined) return;
    this.#violation = { invariant, words, at: this.#clock.now };
    this.note(`VIOLATION of ${invariant}: ${words}`);
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
