/** A request whose signature holds. */
export interface ReceivedRequest {
  readonly requestId: bigint;
  readonly json: Uint8Array;
  /** Resolves when every earlier message of the session is flushed; with false where that will not happen. */
  readonly barrier: Promise<boolean>;
}

/** The requests of one session: many are answered side by side, up to a bound; the rest waits. */
export class RequestPool {
  readonly #max: number;
  readonly #process: (request: ReceivedRequest) => Promise<void>;
  readonly #started: (request: ReceivedRequest) => void;
  readonly #ended: () => void;
  readonly #queue: ReceivedRequest[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /** @param process must not reject */
  constructor(
    max: number,
    process: (request: ReceivedRequest) => Promise<void>,
    started: (request: ReceivedRequest) => void,
    ended: () => void,
  ) {
    this.#max = max;
    this.#process = process;
    this.#started = started;
    this.#ended = ended;
  }

  push(request: ReceivedRequest): void {
    if (this.#stopped) return;
    this.#queue.push(request);
    this.#startNext();
  }

  /** No more requests start; the running ones go on. */
  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #startNext(): void {
    if (this.#running.size >= this.#max) return;
    const request = this.#queue.shift();
    if (request === undefined) return;
    this.#started(request);
    const run = this.#process(request).finally(() => {
      this.#running.delete(run);
      this.#ended();
      this.#startNext();
    });
    this.#running.add(run);
  }
}
