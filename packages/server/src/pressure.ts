/** What is counted, each with a bound. `excess` is 1 while a client has sent more than its rate allows. */
export type Gauge = 'pendingMessages' | 'pendingBytes' | 'runningRequests' | 'answerBytes' | 'excess';

export interface PressureLimits {
  readonly maxPendingMessages: number;
  readonly maxPendingBytes: number;
  readonly maxRunningRequests: number;
  readonly maxAnswerBytes: number;
}

export interface PressurePort {
  /** Undefined where the link cannot stop reading. */
  readonly pausing: { pause(): void; resume(): void } | undefined;
  /** Reading cannot be stopped and this bound is exceeded. */
  overflow(gauge: Gauge): void;
}

/** Stops reading from a link while anything that its frames caused is at its bound, until all of it is below half. */
export class Pressure {
  readonly #limits: PressureLimits;
  readonly #port: PressurePort;
  readonly #levels: Record<Gauge, number> = {
    pendingMessages: 0,
    pendingBytes: 0,
    runningRequests: 0,
    answerBytes: 0,
    excess: 0,
  };
  #paused = false;

  constructor(limits: PressureLimits, port: PressurePort) {
    this.#limits = limits;
    this.#port = port;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** All that came is done with, and answered. */
  get idle(): boolean {
    const { pendingMessages, runningRequests, answerBytes } = this.#levels;
    return pendingMessages + runningRequests + answerBytes === 0;
  }

  full(gauge: Gauge): boolean {
    return this.#levels[gauge] >= boundOf(gauge, this.#limits);
  }

  /** Counts up or down. */
  change(gauge: Gauge, amount: number): void {
    this.#levels[gauge] += amount;
    if (amount > 0) this.#risen(gauge);
    else this.#fallen();
  }

  #risen(gauge: Gauge): void {
    if (this.#paused || !this.full(gauge)) return;
    if (this.#port.pausing !== undefined) {
      this.#paused = true;
      this.#port.pausing.pause();
    } else if (this.#levels[gauge] > boundOf(gauge, this.#limits) && gauge !== 'runningRequests') {
      // Requests that may not run yet are pending, and bounded as such.
      this.#port.overflow(gauge);
    }
  }

  #fallen(): void {
    if (!this.#paused || !this.#low()) return;
    this.#paused = false;
    this.#port.pausing?.resume();
  }

  #low(): boolean {
    return Object.entries(this.#levels).every(
      ([gauge, level]) => level <= boundOf(gauge as Gauge, this.#limits) / 2,
    );
  }
}

function boundOf(gauge: Gauge, limits: PressureLimits): number {
  switch (gauge) {
    case 'pendingMessages':
      return limits.maxPendingMessages;
    case 'pendingBytes':
      return limits.maxPendingBytes;
    case 'runningRequests':
      return limits.maxRunningRequests;
    case 'answerBytes':
      return limits.maxAnswerBytes;
    case 'excess':
      return 1;
  }
}
