import type { Scheduler } from '@sealwire/transport';
import { ServerError } from './errors.js';

/** How a handler came out. */
export type HandlerOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/** Calls handlers and waits for them, up to a bound. */
export class HandlerRunner {
  readonly #timeout: number;
  readonly #scheduler: Scheduler;
  /** How to stop waiting, for each that is waited for. */
  readonly #waits = new Set<(error: Error) => void>();
  #ended = false;

  /** @param timeout in milliseconds */
  constructor(timeout: number, scheduler: Scheduler) {
    this.#timeout = timeout;
    this.#scheduler = scheduler;
  }

  /**
   * One that is late goes on running, but nobody waits for it and its transaction is over.
   *
   * @param endedLate called, with why nobody waited, when such a one has ended well after all
   */
  async run(handler: () => unknown, endedLate: (why: Error) => void): Promise<HandlerOutcome> {
    if (this.#ended) return { ok: false, error: ended() };
    try {
      const result = handler();
      // Most handlers are done when they return; only the others pay for a timer.
      if (!isThenable(result)) return { ok: true, value: result };
      return { ok: true, value: await this.#inTime(result, endedLate) };
    } catch (error) {
      return { ok: false, error };
    }
  }

  /** The server is closed: nobody waits any more, and no timer keeps the process alive. */
  end(): void {
    this.#ended = true;
    for (const giveUp of [...this.#waits]) giveUp(ended());
  }

  #inTime(promise: PromiseLike<unknown>, endedLate: (why: Error) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let givenUp: Error | undefined;
      const settle = (): void => {
        cancel();
        this.#waits.delete(giveUp);
      };
      const giveUp = (error: Error): void => {
        givenUp = error;
        settle();
        reject(error);
      };
      this.#waits.add(giveUp);
      const cancel = this.#scheduler.after(this.#timeout, () => {
        giveUp(new ServerError('E_HANDLER_TIMEOUT', `the handler took longer than ${this.#timeout} ms`));
      });
      const end = (value: unknown): void => {
        if (givenUp === undefined) resolve(value);
        else endedLate(givenUp);
      };
      Promise.resolve(promise).then(end, reject).finally(settle);
    });
  }
}

function ended(): ServerError {
  return new ServerError('E_CLOSED', 'the server closed before the handler was done');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** What an operator is told about a handler that failed. */
export function handlerError(cause: unknown): Error {
  if (cause instanceof ServerError && cause.code === 'E_HANDLER_TIMEOUT') return cause;
  return new ServerError('E_HANDLER', 'the handler failed: see the cause', { cause });
}
