/** A client proved itself from there before, or not. */
export type Caller = 'known' | 'stranger';

/** What strangers may have at most of `places`: the rest is for those that are known. */
export function shareOfStrangers(places: number): number {
  return Math.ceil((places * 3) / 4);
}

/** Of four places that both want, strangers get one. */
const turnsOfRound = 4;

/** Bounds how many tasks run at one time and how many wait for their turn. */
export class Gate {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: Readonly<Record<Caller, (() => void)[]>> = { known: [], stranger: [] };
  #running = 0;
  #turn = 0;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  full(caller: Caller): boolean {
    if (this.#running < this.#maxRunning) return false;
    const { known, stranger } = this.#waiting;
    if (known.length + stranger.length >= this.#maxWaiting) return true;
    return caller === 'stranger' && stranger.length >= shareOfStrangers(this.#maxWaiting);
  }

  /** Runs `task` when it is its turn; check `full` before. */
  async run<T>(caller: Caller, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#maxRunning) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting[caller].push(resolve));
    try {
      return await task();
    } finally {
      // The place goes to the next one without becoming free in between.
      const next = this.#next();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Whoever is known goes first, but for ever that would be never for all others. */
  #next(): (() => void) | undefined {
    const { known, stranger } = this.#waiting;
    if (known.length === 0 || stranger.length === 0) return known.shift() ?? stranger.shift();
    this.#turn = (this.#turn + 1) % turnsOfRound;
    return this.#turn === 0 ? stranger.shift() : known.shift();
  }
}
