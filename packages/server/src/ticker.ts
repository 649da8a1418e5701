import type { Cancel, Scheduler } from '@sealwire/transport';

/** Something that has deadlines. */
export interface Ticking {
  tick(now: number): void;
}

/** One timer for the deadlines of all sessions, running only while there are some. */
export class Ticker {
  readonly #scheduler: Scheduler;
  readonly #interval: number;
  readonly #members = new Set<Ticking>();
  #cancel: Cancel | undefined;

  /** @param interval in milliseconds */
  constructor(scheduler: Scheduler, interval = 100) {
    this.#scheduler = scheduler;
    this.#interval = interval;
  }

  add(member: Ticking): void {
    this.#members.add(member);
    if (this.#cancel === undefined) this.#arm();
  }

  delete(member: Ticking): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const due = this.#scheduler.now() + this.#interval;
    this.#cancel = this.#scheduler.after(this.#interval, () => {
      const late = this.#scheduler.now() - due > this.#interval;
      // After a stall of the event loop, what has come meanwhile is read before anybody is judged as silent.
      if (late) this.#cancel = this.#scheduler.after(0, () => this.#run());
      else this.#run();
    });
  }

  #run(): void {
    this.#arm();
    const now = this.#scheduler.now();
    for (const member of this.#members) member.tick(now);
  }
}
