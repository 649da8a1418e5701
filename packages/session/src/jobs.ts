/**
 * RSA work that a session wants done. A session never does it itself: it emits the job and goes on when the
 * result is handed to `complete`, so that the work can run off the event loop, or not at all in a simulation.
 * Results are handed back in the order in which the jobs were emitted.
 */
export type Job =
  /** RSAES-OAEP with the peer's public key. */
  | { readonly kind: 'encrypt'; readonly bytes: Uint8Array }
  /** RSAES-OAEP with the own private key (a server with two keys tries both). */
  | { readonly kind: 'decrypt'; readonly bytes: Uint8Array }
  /** RSASSA-PSS with the own private key. */
  | { readonly kind: 'sign'; readonly bytes: Uint8Array }
  /** RSASSA-PSS with the peer's public key. */
  | { readonly kind: 'verify'; readonly bytes: Uint8Array; readonly signature: Uint8Array };

/** Bytes for `encrypt`, `decrypt` and `sign`, a verdict for `verify`; where the operation failed its error, or `undefined`. */
export type JobResult = Uint8Array | boolean | Error | undefined;

/** Why an operation failed, where that is known: an external key may be away. */
export function failureOf(result: JobResult): Error | undefined {
  return result instanceof Error ? result : undefined;
}

interface Slot {
  settled: boolean;
  result: JobResult;
}

/**
 * Runs jobs side by side and hands their results on in the order of asking.
 *
 * @param execute does the RSA; what it throws, or rejects with, is the result if it is an Error, else `undefined`
 * @param complete takes one result
 * @param idle called after each run of results handed on together: the time to flush what they produced
 */
export class OrderedJobs {
  readonly #execute: (job: Job) => Promise<JobResult>;
  readonly #complete: (result: JobResult) => void;
  readonly #idle: () => void;
  readonly #slots: Slot[] = [];

  constructor(
    execute: (job: Job) => Promise<JobResult>,
    complete: (result: JobResult) => void,
    idle: () => void,
  ) {
    this.#execute = execute;
    this.#complete = complete;
    this.#idle = idle;
  }

  /** Jobs whose results have not been handed on: what a driver bounds. */
  get size(): number {
    return this.#slots.length;
  }

  run(job: Job): void {
    const slot: Slot = { settled: false, result: undefined };
    this.#slots.push(slot);
    const settle = (result: JobResult): void => {
      slot.settled = true;
      slot.result = result;
      this.#release();
    };
    let running: Promise<JobResult>;
    try {
      running = this.#execute(job);
    } catch (error) {
      running = Promise.reject(error);
    }
    running.then(settle, (error: unknown) => settle(error instanceof Error ? error : undefined));
  }

  #release(): void {
    if (this.#slots[0]?.settled !== true) return;
    while (this.#slots[0]?.settled === true) {
      const slot = this.#slots.shift();
      this.#complete(slot?.result);
    }
    this.#idle();
  }
}
