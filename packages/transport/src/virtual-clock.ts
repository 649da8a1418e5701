import type { Scheduler } from './scheduler.js';

/** A scheduler whose time moves only when told to. */
export interface VirtualClock extends Scheduler {
  /** How many timers wait. */
  readonly pending: number;
  /** Moves to the earliest timer and runs it; false if there is none. */
  step(): boolean;
  /** Runs what falls due within `ms`, each at its own time and in order, also what is scheduled meanwhile. */
  advance(ms: number): void;
}

/** Starts at 0 ms and at `wallSeconds` (default 1,700,000,000). Timers of the same time run in the order of their making. */
export function virtualClock({ wallSeconds = 1_700_000_000 } = {}): VirtualClock {
  let now = 0;
  const timers = new Set<{ readonly due: number; readonly run: () => void }>();

  const earliest = () => {
    let found: { readonly due: number; readonly run: () => void } | undefined;
    for (const timer of timers) if (found === undefined || timer.due < found.due) found = timer;
    return found;
  };

  const runUntil = (end: number) => {
    const timer = earliest();
    if (timer === undefined || timer.due > end) return false;
    timers.delete(timer);
    now = Math.max(now, timer.due);
    timer.run();
    return true;
  };

  return {
    now: () => now,
    wallSeconds: () => wallSeconds + now / 1000,
    after(ms, run) {
      const timer = { due: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    get pending() {
      return timers.size;
    },
    step: () => runUntil(Number.POSITIVE_INFINITY),
    advance(ms) {
      const end = now + ms;
      while (runUntil(end));
      now = end;
    },
  };
}
