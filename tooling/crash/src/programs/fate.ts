/** Where a program kills itself, so that the moment is exact: at the `count`-th time that it comes to the step. */
export interface DieAt {
  readonly step: string;
  readonly count: number;
}

/** The steps of a program that can be its last. Without a fate nothing happens. */
export class Fate {
  readonly #dieAt: DieAt | undefined;
  #left: number;

  constructor(dieAt: DieAt | undefined) {
    this.#dieAt = dieAt;
    this.#left = dieAt?.count ?? 0;
  }

  step(name: string): void {
    if (name !== this.#dieAt?.step) return;
    this.#left -= 1;
    // The kernel ends the process before the call returns: no handler runs, nothing is flushed.
    if (this.#left === 0) process.kill(process.pid, 'SIGKILL');
  }
}
