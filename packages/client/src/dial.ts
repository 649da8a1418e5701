import type { Dialer, Link, Scheduler } from '@sealwire/transport';
import { ClientError } from './errors.js';

/** Opens a link, or rejects when the time is up or `signal` aborts, even if the dialer ignores both. */
export async function dialWithin(
  dial: Dialer,
  timeout: number,
  scheduler: Scheduler,
  signal: AbortSignal,
): Promise<Link> {
  const controller = new AbortController();
  let given = false;
  return new Promise<Link>((resolve, reject) => {
    const giveUp = (error: ClientError): void => {
      given = true;
      cancel();
      reject(error);
      controller.abort(error);
    };
    const onAbort = (): void => giveUp(new ClientError('E_ABORTED', 'the dial was called off'));
    const cancel = scheduler.after(timeout, () =>
      giveUp(new ClientError('E_TIMEOUT', `no link was open within ${timeout} ms`)),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => {
      cancel();
      signal.removeEventListener('abort', onAbort);
    };
    const dialed = async (): Promise<Link> => dial({ signal: controller.signal });
    dialed().then(
      (link) => {
        settled();
        // Too late: nobody waits for it any more.
        if (given) link.terminate();
        else resolve(link);
      },
      (error) => {
        settled();
        reject(error);
      },
    );
  });
}
