import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface LinesOptions {
  readonly maxLines: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** What stands behind an error. */
  readonly complaints: () => string;
}

/** Lines of a stream, taken one by one. With too many waiting, reading stops, and the writer is pushed back. */
export class Lines {
  readonly #name: string;
  readonly #timeout: number;
  readonly #maxLines: number;
  readonly #input: Readable;
  readonly #complaints: () => string;
  readonly #waiting: string[] = [];
  #last = '';
  #ended = false;
  #discarding = false;
  #wake: (() => void) | undefined;

  /** @param name of the stream, for errors */
  constructor(input: Readable, name: string, options: LinesOptions) {
    this.#input = input;
    this.#name = name;
    this.#complaints = options.complaints;
    this.#timeout = options.timeout;
    this.#maxLines = options.maxLines;
    const lines = createInterface({ input });
    lines.on('line', (line) => {
      this.#last = line;
      if (this.#discarding) return;
      this.#waiting.push(line);
      if (this.#waiting.length >= this.#maxLines) input.pause();
      this.#wake?.();
    });
    lines.once('close', () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  /**
   * The first line from here on for which `choose` gives something; those before it are gone.
   *
   * @throws Error at the end of the stream, or after `timeout` milliseconds
   */
  async find<T>(choose: (line: string) => T | undefined, timeout = this.#timeout): Promise<T> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const line = await this.#next(deadline - performance.now());
      if (line === undefined) throw this.#failure('ended without the line that was awaited');
      const chosen = choose(line);
      if (chosen !== undefined) return chosen;
    }
  }

  /** @throws Error at the end of the stream, or after `timeout` milliseconds */
  next(timeout = this.#timeout): Promise<string> {
    return this.find((line) => line, timeout);
  }

  /** All lines until the end, however long that takes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const line = await this.#next(Number.POSITIVE_INFINITY);
      if (line === undefined) return;
      yield line;
    }
  }

  /** Reads on and forgets. */
  discard(): void {
    this.#discarding = true;
    this.#waiting.length = 0;
    this.#input.resume();
  }

  async #next(timeout: number): Promise<string | undefined> {
    if (this.#wake !== undefined) throw new Error(`${this.#name} has a reader already`);
    let late = timeout <= 0;
    while (this.#waiting.length === 0 && !this.#ended && !late) {
      const timer = Number.isFinite(timeout)
        ? setTimeout(() => {
            late = true;
            this.#wake?.();
          }, timeout)
        : undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
      clearTimeout(timer);
    }
    const line = this.#waiting.shift();
    if (line === undefined && !this.#ended) throw this.#failure('did not say in time what was awaited');
    if (this.#waiting.length < this.#maxLines) this.#input.resume();
    return line;
  }

  #failure(what: string): Error {
    return new Error(`${this.#name} ${what}; last: ${this.#last}; errors: ${this.#complaints()}`);
  }
}
