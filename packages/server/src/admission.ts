import { networkOf } from '@sealwire/transport';
import {
  type FailedHandshakeLimits,
  FailedHandshakes,
  type FailedHandshakesLimit,
} from './failed-handshakes.js';

export interface AdmissionLimits {
  readonly maxHandshakes: number;
  readonly maxHandshakesPerAddress: number;
}

/** What a link has until it has proved who it is. */
export interface Pass {
  /** A hello came that costs an RSA operation: may it? Else the limit that is exceeded. */
  charge(): FailedHandshakesLimit | undefined;
  /** A client proved itself from this address before: its hellos need not wait behind those of strangers. */
  readonly known: boolean;
  /** The proof held: the link is none of those that have not proved who they are. */
  proved(): void;
  /** The link ended; harmless after `proved` and when called twice. `blameless`: by no fault of the peer. */
  leave(blameless: boolean): void;
}

/** Counts the links that have not proved who they are, and what comes of them. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #failures: FailedHandshakes | undefined;
  readonly #perAddress = new Map<string, number>();
  #inAll = 0;

  /** @param now milliseconds on a monotonic clock */
  constructor(limits: AdmissionLimits, failures: FailedHandshakeLimits | false, now: () => number) {
    this.#limits = limits;
    this.#failures = failures === false ? undefined : new FailedHandshakes(failures, now);
  }

  /** Lets a link in; or the name of the limit that is reached. */
  enter(remoteAddress: string | undefined): Pass | keyof AdmissionLimits {
    const address = networkOf(remoteAddress);
    const count = this.#perAddress.get(address) ?? 0;
    if (this.#inAll >= this.#limits.maxHandshakes) return 'maxHandshakes';
    if (count >= this.#limits.maxHandshakesPerAddress) return 'maxHandshakesPerAddress';
    this.#inAll += 1;
    this.#perAddress.set(address, count + 1);
    let inside = true;
    let charged = false;
    const leave = (): boolean => {
      const wasInside = inside;
      inside = false;
      if (wasInside) this.#leave(address);
      return wasInside;
    };
    return {
      charge: () => {
        const exceeded = this.#failures?.exceeded(address);
        charged = exceeded === undefined;
        return exceeded;
      },
      known: this.#failures?.known(address) ?? false,
      proved: () => {
        if (leave()) this.#failures?.proved(address);
      },
      leave: (blameless) => {
        if (leave() && charged && !blameless) this.#failures?.failed(address);
      },
    };
  }

  #leave(address: string): void {
    this.#inAll -= 1;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }
}

/** Bounds how many tasks run at one time and how many wait for their turn. */
export class Gate {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #first: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  get full(): boolean {
    const waiting = this.#first.length + this.#waiting.length;
    return this.#running >= this.#maxRunning && waiting >= this.#maxWaiting;
  }

  /** Runs `task` when it is its turn, or before all that wait and are not `first`; check `full` before. */
  async run<T>(task: () => Promise<T>, first = false): Promise<T> {
    const line = first ? this.#first : this.#waiting;
    if (this.#running < this.#maxRunning) this.#running += 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await task();
    } finally {
      // The place goes to the next one without becoming free in between.
      const next = this.#first.shift() ?? this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
