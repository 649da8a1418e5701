import type { Job, JobResult } from '@sealwire/session';
import type { Scheduler } from '@sealwire/transport';
import type { PeerKey } from './decoys.js';
import type { Turn, Turns } from './turns.js';

/** What is done together: less than a delivery does in a turn of its own, enough to keep the key in the caches. */
const maxInTurn = { jobs: 4, milliseconds: 0.25 };

/** What the work with a client's key does for its connection. */
export interface PeerKeyPort {
  /** Looks at a frame, whose signature takes one job at most. */
  receive(frame: Uint8Array): void;
}

interface Waiting {
  readonly key: PeerKey | undefined;
  readonly job: Job;
  readonly resolve: (result: Promise<JobResult> | undefined) => void;
}

/**
 * Operations with one client's key, done on this thread, a few a turn: a read brings a hundred messages, each with a
 * signature, and nobody else is to wait for all of them. Frames wait as they came, because what they are opened and read
 * into is several times as much for the garbage collector to carry along.
 */
export class PeerKeyJobs implements Turn {
  readonly #turns: Turns;
  readonly #clock: Pick<Scheduler, 'now'>;
  readonly #port: PeerKeyPort;
  #waiting: (Waiting | Uint8Array)[] = [];
  #queued = false;
  #receiving = false;

  constructor(turns: Turns, clock: Pick<Scheduler, 'now'>, port: PeerKeyPort) {
    this.#turns = turns;
    this.#clock = clock;
    this.#port = port;
  }

  /** At once for a frame whose turn it is. */
  run(key: PeerKey | undefined, job: Job): Promise<JobResult> {
    if (this.#receiving) return operate(key, job);
    return new Promise((resolve) => {
      this.#waiting.push({ key, job, resolve });
      this.#queue();
    });
  }

  take(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#waiting.push(frame);
    if (this.#waiting.length > 0) this.#queue();
  }

  /** What waits is not done any more. */
  end(): void {
    this.#waiting = [];
  }

  takeTurn(): void {
    const until = this.#clock.now() + maxInTurn.milliseconds;
    for (let jobs = 0; jobs < maxInTurn.jobs && (jobs === 0 || this.#clock.now() < until); jobs += 1) {
      this.#next();
    }
    this.#queued = false;
    if (this.#waiting.length > 0) this.#queue();
    // An array that was full once keeps its memory.
    else this.#waiting = [];
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (!(next instanceof Uint8Array)) return next.resolve(operate(next.key, next.job));
    this.#receiving = true;
    this.#port.receive(next);
    this.#receiving = false;
  }

  #queue(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#turns.queue(this);
  }
}

async function operate(key: PeerKey | undefined, job: Job): Promise<JobResult> {
  return job.kind === 'verify' ? key?.verify(job.bytes, job.signature) : key?.encrypt(job.bytes);
}
