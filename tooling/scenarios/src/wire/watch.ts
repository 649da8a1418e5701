import { fairNow } from './fair-clock.js';

/** Looks again after each change until the condition holds. */
export class Watch {
  readonly #waiting = new Set<() => void>();

  changed(): void {
    for (const wake of this.#waiting) wake();
  }

  /**
   * @param now the clock of the process, or that of the world where silence is what is waited for
   * @returns what `look` found, or undefined if it found nothing in time
   */
  async until<T>(within: number, look: () => T | undefined, now = fairNow): Promise<T | undefined> {
    const deadline = now() + within;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left + 1);
        this.#waiting.add(wake);
      });
    }
  }
}
