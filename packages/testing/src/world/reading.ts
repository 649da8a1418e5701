import type { Link } from '@sealwire/transport';
import type { SimClock } from './clock.js';

/** Knows since when the owner of a link reads. While it does not, it cannot notice that nothing comes. */
export class Reading {
  readonly #clock: SimClock;
  #since: number | undefined;

  constructor(clock: SimClock) {
    this.#clock = clock;
    this.#since = clock.now;
  }

  /** Undefined while it has stopped. */
  get since(): number | undefined {
    return this.#since;
  }

  /** The same, watched. */
  watch(pausing: Link['pausing']): Link['pausing'] {
    return (
      pausing && {
        pause: () => {
          this.#since = undefined;
          pausing.pause();
        },
        resume: () => {
          this.#since = this.#clock.now;
          pausing.resume();
        },
      }
    );
  }
}
