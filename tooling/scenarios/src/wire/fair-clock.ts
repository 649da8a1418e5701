/** How often the process looks whether it is stalled, in milliseconds. */
const every = 20;

let stalled = 0;
let due = performance.now() + every;

// Does not keep the process alive.
setInterval(() => {
  const now = performance.now();
  stalled += Math.max(0, now - due);
  due = now + every;
}, every).unref();

/**
 * Milliseconds in which this process could run. The program under test runs in it too, so that an upper bound on
 * this clock is about the program, and not about how busy the machine is.
 */
export function fairNow(): number {
  const now = performance.now();
  return now - stalled - Math.max(0, now - due);
}

/** Milliseconds of the world, which go on while this process cannot run. */
export function worldNow(): number {
  return performance.now();
}
