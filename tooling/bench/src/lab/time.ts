/** Milliseconds of the monotonic clock that all processes of this machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets everything run that is due. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves with true as soon as `condition` holds, with false if it does not within `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  for (const end = now() + ms; now() < end; await sleep(20)) if (await condition()) return true;
  return await condition();
}

/** Keeps the event loop busy. */
export function block(ms: number): void {
  for (const end = now() + ms; now() < end; );
}
