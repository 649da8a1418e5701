import type { Job, JobResult } from '@sealwire/session';
import type { PeerKey } from './decoys.js';
import type { Turn, Turns } from './turns.js';

interface Waiting {
  readonly key: PeerKey | undefined;
  readonly job: Job;
  readonly resolve: (result: Promise<JobResult> | undefined) => void;
}

/**
 * Operations with one client's key, done on this thread, one a turn: a read brings a hundred messages, each with a
 * signature, and nobody else is to wait for all of them.
 */
export class PeerKeyJobs implements Turn {
  readonly #turns: Turns;
  #waiting: Waiting[] = [];
  #queued = false;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  run(key: PeerKey | undefined, job: Job): Promise<JobResult> {
    return new Promise((resolve) => {
      this.#waiting.push({ key, job, resolve });
      if (this.#queued) return;
      this.#queued = true;
      this.#turns.queue(this);
    });
  }

  /** What waits is not done any more. */
  end(): void {
    this.#waiting = [];
  }

  takeTurn(): void {
    const next = this.#waiting.shift();
    next?.resolve(operate(next));
    this.#queued = this.#waiting.length > 0;
    if (this.#queued) this.#turns.queue(this);
    // An array that was full once keeps its memory.
    else this.#waiting = [];
  }
}

async function operate({ key, job }: Waiting): Promise<JobResult> {
  return job.kind === 'verify' ? key?.verify(job.bytes, job.signature) : key?.encrypt(job.bytes);
}
