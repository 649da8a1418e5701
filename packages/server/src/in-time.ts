import { ServerError } from './errors.js';
import type { Shared } from './shared.js';

/**
 * What the store does for a handshake gets as long as the proof does: a store that hangs must not hold links for ever.
 *
 * @throws ServerError (as a rejection) `E_STORE`; what comes of it later is nobody's any more
 */
export function inTime<T>({ settings }: Shared, promise: Promise<T>): Promise<T> {
  const { deadlines, scheduler } = settings;
  return new Promise((resolve, reject) => {
    const cancel = scheduler.after(deadlines.proof, () =>
      reject(new ServerError('E_STORE', `the store did not answer within ${deadlines.proof} ms`)),
    );
    promise.then(resolve, reject).finally(cancel);
  });
}
