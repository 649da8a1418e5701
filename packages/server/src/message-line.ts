/** A message whose signature and SEQUENCE hold. */
export interface ReceivedMessage {
  readonly sequence: bigint;
  readonly json: Uint8Array;
}

/** The flush of what a message did, or nothing where the line must stop because the session ends. */
export type Flush = { readonly flushed: Promise<unknown> } | undefined;

/** What a line does for its session. */
export interface MessageLinePort {
  /** Handles a message and stages what it did. */
  handle(message: ReceivedMessage): Promise<Flush>;
  /** It is flushed. */
  handled(message: ReceivedMessage): void;
}

interface Waiter {
  readonly count: number;
  readonly resolve: (reached: boolean) => void;
}

/** The messages of one session: one is handled at a time, the next when this one is staged. */
export class MessageLine {
  readonly #port: MessageLinePort;
  readonly #queue: ReceivedMessage[] = [];
  /** In the order of their counts. */
  readonly #waiters: Waiter[] = [];
  #received = 0;
  #staged = 0;
  #flushed = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(port: MessageLinePort) {
    this.#port = port;
  }

  push(message: ReceivedMessage): void {
    if (this.#stopped) return;
    this.#received += 1;
    this.#queue.push(message);
    this.#running ??= this.#run();
  }

  /** Resolves when every message received so far is flushed, with false where that will not happen. */
  barrier(): Promise<boolean> {
    return this.#reached(this.#received);
  }

  /** No more messages are taken from the queue; the running one goes on. */
  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
    while ((this.#waiters.at(-1)?.count ?? 0) > this.#staged) this.#waiters.pop()?.resolve(false);
  }

  /** After `stop`: resolves when the running message is done and everything staged is flushed, or failed to be. */
  async settled(): Promise<void> {
    await this.#running;
    await this.#reached(this.#staged);
  }

  #reached(count: number): Promise<boolean> {
    if (this.#flushed >= count) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  async #run(): Promise<void> {
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      const step = await this.#port.handle(message);
      if (step === undefined) {
        this.stop();
        break;
      }
      this.#staged += 1;
      this.#watchFlush(step.flushed, message);
    }
    this.#running = undefined;
  }

  #watchFlush(flushed: Promise<unknown>, message: ReceivedMessage): void {
    const kept = () => {
      this.#flushed += 1;
      this.#port.handled(message);
      while (this.#waiters[0] !== undefined && this.#waiters[0].count <= this.#flushed) {
        this.#waiters.shift()?.resolve(true);
      }
    };
    const lost = () => {
      this.#staged = this.#flushed;
      this.stop();
    };
    flushed.then(kept, lost);
  }
}
