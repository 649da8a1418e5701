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

/** What the jobs of a session are done by. */
export interface JobsPort {
  /** Does the RSA; what it throws, or rejects with, is the result if it is an Error, else `undefined`. */
  execute(job: Job): Promise<JobResult>;
  /** Takes the result of a job. */
  complete(result: JobResult, job: Job): void;
  /** After each run of results handed on together: the time to flush what they produced. */
  completed(): void;
}

interface Slot {
  readonly job: Job;
  settled: boolean;
  result: JobResult;
}

/** Runs jobs side by side and hands their results on in the order of asking. */
export class OrderedJobs {
  readonly #port: JobsPort;
  #slots: Slot[] = [];

  constructor(port: JobsPort) {
    this.#port = port;
  }

  /** Jobs whose results have not been handed on: what a driver bounds. */
  get size(): number {
    return this.#slots.length;
  }

  run(job: Job): void {
    const slot: Slot = { job, settled: false, result: undefined };
    this.#slots.push(slot);
    const settle = (result: JobResult): void => {
      slot.settled = true;
      slot.result = result;
      this.#release();
    };
    let running: Promise<JobResult>;
    try {
      running = this.#port.execute(job);
    } catch (error) {
      running = Promise.reject(error);
    }
    running.then(settle, (error: unknown) => settle(error instanceof Error ? error : undefined));
  }

  #release(): void {
    let slot = this.#slots[0];
    if (slot?.settled !== true) return;
    for (; slot?.settled === true; slot = this.#slots[0]) {
      this.#slots.shift();
      this.#port.complete(slot.result, slot.job);
    }
    // An array that was full once keeps its memory, in each session that waits for nothing.
    if (slot === undefined) this.#slots = [];
    this.#port.completed();
  }
}
