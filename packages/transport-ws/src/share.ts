/** Milliseconds of one turn of the event loop: what a heartbeat or a live event waits for because of newcomers. */
const share = 2;

/** Work for new links, of which each turn of the event loop does a share: a crowd that comes at once delays nobody else. */
export class NewcomersShare {
  readonly #waiting: (() => void)[] = [];
  #due = false;

  /** Runs `work` behind what was added before it, in this turn or a later one. */
  add(work: () => void): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#due || this.#waiting.length === 0) return;
    this.#due = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    const end = performance.now() + share;
    this.#due = false;
    try {
      // At least one, however slow the machine is.
      do this.#waiting.shift()?.();
      while (this.#waiting.length > 0 && performance.now() < end);
    } finally {
      this.#schedule();
    }
  }
}
