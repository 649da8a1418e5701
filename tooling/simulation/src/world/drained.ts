/**
 * Resolves when no promise has anything left to do. Node empties the microtask queue before it takes the next tick, so
 * this costs no turn of the event loop, as `setImmediate` would.
 */
export function drained(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
