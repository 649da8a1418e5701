/** A request whose signature holds. */
export interface ReceivedRequest {
  readonly requestId: bigint;
  readonly json: Uint8Array;
  /** Resolves when every earlier message of the session is flushed; with false where that will not happen. */
  readonly barrier: Promise<boolean>;
}

/** The requests of one session: many are answered side by side; what may not start waits. */
export class RequestPool {
  readonly #mayStart: (running: number) => boolean;
  readonly #process: (request: ReceivedRequest) => Promise<void>;
  readonly #started: (request: ReceivedRequest) => void;
  readonly #ended: () => void;
  readonly #queue: ReceivedRequest[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /**
   * @param mayStart whether another may start beside so many that run; `wake` is called when that may have changed
   * @param process must not reject
   */
  constructor(
    mayStart: (running: number) => boolean,
    process: (request: ReceivedRequest) => Promise<void>,
    started: (request: ReceivedRequest) => void,
    ended: () => void,
  ) {
    this.#mayStart = mayStart;
    this.#process = process;
    this.#started = started;
    this.#ended = ended;
  }

  push(request: ReceivedRequest): void {
    if (this.#stopped) return;
    this.#queue.push(request);
    this.wake();
  }

  wake(): void {
    while (this.#mayStart(this.#running.size)) {
      const request = this.#queue.shift();
      if (request === undefined) return;
      this.#start(request);
    }
  }

  /** No more requests start; the running ones go on. */
  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #start(request: ReceivedRequest): void {
    this.#started(request);
    const run = this.#process(request).finally(() => {
      this.#running.delete(run);
      this.#ended();
      this.wake();
    });
    this.#running.add(run);
  }
}
