import type { SimClock } from './clock.js';

const resolved = Promise.resolve();

/**
 * Lets the world go on until it is `done` or no event up to the time `end` is left. Between two events every promise
 * does all that it can: Node empties the microtask queue before it takes a tick that a microtask asked for, and that
 * costs no turn of the event loop, as `setImmediate` would.
 *
 * @param stepped runs after each event; time waits for what it returns
 */
export function runUntil(
  clock: SimClock,
  end: number,
  done: () => boolean,
  stepped: () => Promise<void> | undefined = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (): void => {
      if (done() || !clock.step(end)) resolve();
      else resolved.then(drain);
    };
    const drain = (): void => process.nextTick(drained);
    const drained = (): void => {
      try {
        const waiting = stepped();
        if (waiting === undefined) step();
        else waiting.then(step).catch(reject);
      } catch (error) {
        reject(error);
      }
    };
    resolved.then(drain);
  });
}
