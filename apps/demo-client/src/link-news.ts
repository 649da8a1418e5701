import type { ConnectionState } from '@sealwire/client';
import { lossText, progressText, stateText } from './texts.js';

/** Turns the states of a client into the lines that a person wants to read: what changed, said once. */
export class LinkNews {
  readonly #now: () => number;
  #lostAt: number | undefined;
  #lastLoss: string | undefined;
  #wasLive = false;

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns undefined where there is nothing new */
  next(state: ConnectionState): string | undefined {
    switch (state.kind) {
      case 'live':
        return this.#live(state.lastSeenSequence);
      case 'waiting':
        return this.#lost(lossText(state.cause));
      case 'stopped':
        // Before there ever was a session the program ends with a sentence of its own.
        return this.#wasLive ? stateText(state) : undefined;
      case 'connecting':
      case 'closing':
      case 'closed':
        return undefined;
    }
  }

  #live(lastSeenSequence: bigint): string {
    const lostAt = this.#lostAt;
    const again = this.#wasLive;
    this.#wasLive = true;
    this.#lostAt = undefined;
    this.#lastLoss = undefined;
    const after =
      again && lostAt !== undefined ? ` again after ${((this.#now() - lostAt) / 1000).toFixed(2)} s` : '';
    return `connected${after}: ${progressText(lastSeenSequence)}`;
  }

  #lost(loss: string): string | undefined {
    this.#lostAt ??= this.#now();
    if (loss === this.#lastLoss) return undefined;
    this.#lastLoss = loss;
    return `no link: ${loss}; trying again`;
  }
}
