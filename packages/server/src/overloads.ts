import type { Cancel, Scheduler } from '@sealwire/transport';

/** Milliseconds between two events for one limit. */
const interval = 1_000;

interface Overload {
  count: number;
  remoteAddress: string | undefined;
  readonly cancel: Cancel;
}

type Tell = (limit: string, remoteAddress: string | undefined, count: number) => void;

/** Tells of the first that a limit turned away at once, and of those that follow once a second: a flood is no flood of events. */
export class Overloads {
  readonly #scheduler: Scheduler;
  readonly #tell: Tell;
  /** Per limit that was told of, what came since. The names of limits are few. */
  readonly #since = new Map<string, Overload>();
  #ended = false;

  constructor(scheduler: Scheduler, tell: Tell) {
    this.#scheduler = scheduler;
    this.#tell = tell;
  }

  add(limit: string, remoteAddress: string | undefined): void {
    const since = this.#since.get(limit);
    if (since === undefined) return this.#now(limit, remoteAddress, 1);
    since.count += 1;
    since.remoteAddress = remoteAddress;
  }

  /** Tells of what is left, and from now on at once. */
  end(): void {
    this.#ended = true;
    for (const limit of [...this.#since.keys()]) this.#flush(limit);
  }

  #now(limit: string, remoteAddress: string | undefined, count: number): void {
    if (!this.#ended) {
      const cancel = this.#scheduler.after(interval, () => this.#flush(limit));
      this.#since.set(limit, { count: 0, remoteAddress, cancel });
    }
    this.#tell(limit, remoteAddress, count);
  }

  #flush(limit: string): void {
    const since = this.#since.get(limit);
    if (since === undefined) return;
    since.cancel();
    this.#since.delete(limit);
    if (since.count > 0) this.#now(limit, since.remoteAddress, since.count);
  }
}
