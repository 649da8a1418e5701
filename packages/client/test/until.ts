import type { VirtualClock } from '@sealwire/transport/testkit';

/** One turn of the event loop: RSA runs outside of it, so promises alone are not enough. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 0);
  });
}

/**
 * Waits until the fact holds. With a clock, what is due now runs, but no time passes: a test that needs time to pass
 * says so with `advance`.
 */
export async function until(fact: () => boolean, clock?: VirtualClock): Promise<void> {
  for (let turns = 0; !fact(); turns += 1) {
    if (turns > 5_000) throw new Error(`it never came to be: ${fact}`);
    clock?.advance(0);
    await turn();
  }
}

/** Lets everything happen that needs no time. */
export async function settle(clock?: VirtualClock): Promise<void> {
  for (let turns = 0; turns < 12; turns += 1) {
    clock?.advance(0);
    await turn();
  }
}

/** What a promise settles with, while all that needs no time happens. */
export async function outcomeOf<T>(promise: Promise<T>, clock: VirtualClock): Promise<T> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  await until(() => settled, clock);
  return promise;
}
