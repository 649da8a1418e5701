import type { Cancel, Scheduler } from '@sealwire/transport';
import { promised } from '../disk/promised.js';
import type { SimClock } from './clock.js';

/**
 * One process of the world. Everything that reaches it from outside goes through `enter`, and its timers through
 * `scheduler`, so that it can be stopped for a while or killed at any point.
 */
export class SimProcess {
  readonly name: string;
  readonly scheduler: Scheduler;
  /** Seconds by which the wall clock of its machine is ahead of the world's. */
  wallSkew = 0;
  readonly #clock: SimClock;
  readonly #onKill: (() => void)[] = [];
  #alive = true;
  #frozen = false;
  #thawAt = 0;
  #lateTimers: (() => void)[] = [];
  #pendingInput: (() => void)[] = [];
  #timers = 0;

  constructor(name: string, clock: SimClock) {
    this.name = name;
    this.#clock = clock;
    this.scheduler = {
      now: () => clock.now,
      wallSeconds: () => clock.wallSeconds + this.wallSkew,
      after: (ms, run) => this.#after(ms, run),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** When it went on after its last stall; later than now while it stands still. */
  get thawsAt(): number {
    return this.#thawAt;
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers;
  }

  /** Something comes from outside: now, after the stall, or never where the process is dead. */
  enter(run: () => void): void {
    if (!this.#alive) return;
    if (this.#frozen) this.#pendingInput.push(run);
    else run();
  }

  /** Something outside takes its time and then comes in. It is no timer of the process. */
  later(ms: number, run: () => void): void {
    this.#clock.after(ms, () => this.enter(run));
  }

  /** A promise of something outside: it settles only while the process runs. */
  settled<T>(outside: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = promised<T>();
    outside.then(
      (value) => this.enter(() => resolve(value)),
      (error) => this.enter(() => reject(error)),
    );
    return promise;
  }

  /** Stops the process for a while: then late timers run first, what has come from outside after them. */
  freeze(ms: number): void {
    this.#thawAt = Math.max(this.#thawAt, this.#clock.now + ms);
    if (this.#frozen || !this.#alive) return;
    this.#frozen = true;
    this.#awaitThaw();
  }

  onKill(run: () => void): void {
    this.#onKill.push(run);
  }

  /** From here on nothing enters it and no timer of it runs. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const run of this.#onKill) run();
  }

  #awaitThaw(): void {
    this.#clock.after(this.#thawAt - this.#clock.now, () => {
      if (this.#clock.now < this.#thawAt) return this.#awaitThaw();
      this.#frozen = false;
      const waiting = [...this.#lateTimers, ...this.#pendingInput.map((run) => () => this.enter(run))];
      this.#lateTimers = [];
      this.#pendingInput = [];
      // Each is an event of its own, as in an event loop; new timers come after them.
      for (const run of waiting) this.#clock.after(0, run);
    });
  }

  #after(ms: number, run: () => void): Cancel {
    let waits = true;
    this.#timers += 1;
    const settle = (): boolean => {
      if (!waits) return false;
      waits = false;
      this.#timers -= 1;
      return true;
    };
    const fire = (): void => {
      if (!this.#alive) settle();
      else if (this.#frozen) this.#lateTimers.push(fire);
      else if (settle()) run();
    };
    const cancel = this.#clock.after(ms, fire);
    return () => {
      if (settle()) cancel();
    };
  }
}
