/** Stops what was scheduled; harmless when it has run already, or twice. */
export type Cancel = () => void;

/** Time, handed to everything that waits, so that a simulation can own it. */
export interface Scheduler {
  /** Milliseconds from an arbitrary start, monotonic: never the wall clock, which jumps. May have fractions. */
  now(): number;
  /** Seconds since 1970 with fractions. Only to stamp what people read, never to measure or to order. */
  wallSeconds(): number;
  /**
   * Runs `run` once, `ms` milliseconds from now or later, never before this call has returned. Negative is 0; more
   * than 2^31 - 1 (24.8 days) is cut to that, because the timers of Node and browsers would fire at once. With 0 it
   * runs after links have handed over what has come, as far as the platform can see to it.
   */
  after(ms: number, run: () => void): Cancel;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** On Node only: right after the poll for what has come. A timer of 0 waits for a millisecond besides. */
interface Immediates {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly clearImmediate?: (immediate: unknown) => void;
}

/** The timers of the platform. A pending one keeps a Node process alive: cancel what is not needed any more. */
export const systemScheduler: Scheduler = {
  now: () => performance.now(),
  wallSeconds: () => Date.now() / 1000,
  after(ms, run) {
    const { setImmediate, clearImmediate } = globalThis as Immediates;
    if (ms <= 0 && setImmediate !== undefined) {
      const immediate = setImmediate(run);
      return () => clearImmediate?.(immediate);
    }
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
};
