/** A request whose signature holds. */
export interface ReceivedRequest {
  readonly requestId: bigint;
  readonly json: Uint8Array;
  /** Resolves when every earlier message of the session is flushed; with false where that will not happen. */
  readonly barrier: Promise<boolean>;
}

/** What a pool does for its session. */
export interface RequestPoolPort {
  /** May another start? `wake` is called when that may have changed. */
  mayStart(): boolean;
  started(request: ReceivedRequest): void;
  /** Must not reject. */
  answer(request: ReceivedRequest): Promise<void>;
  /** Wakes the pool that may start another: of a client that came again it is that of its newest session. */
  answered(): void;
}

/** The requests of one session: many are answered side by side; what may not start waits. */
export class RequestPool {
  readonly #port: RequestPoolPort;
  readonly #queue: ReceivedRequest[] = [];
  /** Made at the first request: most sessions have none. */
  #running: Set<Promise<void>> | undefined;
  #stopped = false;

  constructor(port: RequestPoolPort) {
    this.#port = port;
  }

  push(request: ReceivedRequest): void {
    if (this.#stopped) return;
    this.#queue.push(request);
    this.wake();
  }

  wake(): void {
    while (this.#queue.length > 0 && this.#port.mayStart()) {
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
    await Promise.all(this.#running ?? []);
  }

  #start(request: ReceivedRequest): void {
    this.#port.started(request);
    this.#running ??= new Set();
    const running = this.#running;
    const run = this.#port.answer(request).finally(() => {
      running.delete(run);
      this.#port.answered();
    });
    running.add(run);
  }
}
