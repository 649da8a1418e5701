import type { Scheduler } from '@sealwire/transport';
import { ServerError } from './errors.js';

/** How a handler came out. */
export type HandlerOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/**
 * Calls a handler and waits for it, up to a bound. One that is late goes on running, but nobody waits for it and its
 * transaction is over.
 */
export async function runHandler(
  handler: () => unknown,
  timeout: number,
  scheduler: Scheduler,
): Promise<HandlerOutcome> {
  try {
    const result = handler();
    // Most handlers are done when they return; only the others pay for a timer.
    if (!isThenable(result)) return { ok: true, value: result };
    return { ok: true, value: await inTime(result, timeout, scheduler) };
  } catch (error) {
    return { ok: false, error };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function inTime(promise: PromiseLike<unknown>, timeout: number, scheduler: Scheduler): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const cancel = scheduler.after(timeout, () => {
      reject(new ServerError('E_HANDLER_TIMEOUT', `the handler took longer than ${timeout} ms`));
    });
    Promise.resolve(promise).then(resolve, reject).finally(cancel);
  });
}

/** What an operator is told about a handler that failed. */
export function handlerError(cause: unknown): Error {
  if (cause instanceof ServerError && cause.code === 'E_HANDLER_TIMEOUT') return cause;
  return new ServerError('E_HANDLER', 'the handler failed: see the cause', { cause });
}
