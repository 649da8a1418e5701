import type { SimClock } from './clock.js';
import { drained } from './drained.js';

/**
 * Lets the world go on until it is `done` or no event up to the time `end` is left. Between two events every promise
 * does all that it can.
 *
 * @param stepped runs after each event; time waits for what it returns
 */
export async function runUntil(
  clock: SimClock,
  end: number,
  done: () => boolean,
  stepped: () => Promise<void> | undefined = () => undefined,
): Promise<void> {
  do {
    await drained();
    const waiting = stepped();
    if (waiting !== undefined) await waiting;
  } while (!done() && clock.step(end));
}
