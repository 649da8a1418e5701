import type { Milliseconds } from '@sealwire/session';
import type { Scheduler } from '@sealwire/transport';
import { ClientError } from './errors.js';

/** How long a caller waits, and by what it is called off. */
export interface WaitOptions {
  /** Milliseconds; the wait ends with `E_TIMEOUT`. */
  readonly timeout?: Milliseconds;
  /** Ends the wait with `E_ABORTED`. */
  readonly signal?: AbortSignal;
}

export const waitOptions: Record<keyof WaitOptions, true> = { timeout: true, signal: true };

export function aborted(signal: AbortSignal): ClientError {
  return new ClientError('E_ABORTED', 'the signal aborted the wait', { cause: signal.reason });
}

/** @throws ClientError `E_OPTION` for what is no wait, `E_ABORTED` where it is over before it begins */
export function checkWait({ timeout, signal }: WaitOptions): void {
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw new ClientError('E_OPTION', 'the option timeout is a number of milliseconds');
  }
  checkSignal(signal);
  if (signal?.aborted === true) throw aborted(signal);
}

/** @throws ClientError `E_OPTION` */
export function checkSignal(signal: AbortSignal | undefined): void {
  // By shape, because a program may bring an AbortSignal of its own.
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new ClientError('E_OPTION', 'the option signal is an AbortSignal');
  }
}

/**
 * Calls `expire` once when the time is up or the signal aborts, unless the returned function was called before.
 *
 * @param words what had not happened when the time was up
 */
export function limitWait(
  options: WaitOptions,
  scheduler: Scheduler,
  words: string,
  expire: (error: ClientError) => void,
): () => void {
  const { timeout, signal } = options;
  const cancelTimer =
    timeout === undefined
      ? undefined
      : scheduler.after(timeout, () => finish(new ClientError('E_TIMEOUT', `${words} within ${timeout} ms`)));
  const cancelListener = signal && onAbort(signal, () => finish(aborted(signal)));
  const release = (): void => {
    cancelTimer?.();
    cancelListener?.();
  };
  const finish = (error: ClientError): void => {
    release();
    expire(error);
  };
  return release;
}

interface SharedListener {
  readonly expiries: Set<() => void>;
  readonly expireAll: () => void;
}

/** All that wait on one signal share a listener: Node takes more than ten of them for a leak. */
const listeners = new WeakMap<AbortSignal, SharedListener>();

function onAbort(signal: AbortSignal, expire: () => void): () => void {
  const { expiries, expireAll } = listeners.get(signal) ?? listen(signal);
  expiries.add(expire);
  return () => {
    if (!expiries.delete(expire) || expiries.size > 0) return;
    signal.removeEventListener('abort', expireAll);
    listeners.delete(signal);
  };
}

function listen(signal: AbortSignal): SharedListener {
  const expiries = new Set<() => void>();
  const expireAll = (): void => {
    for (const expire of [...expiries]) expire();
  };
  const shared = { expiries, expireAll };
  listeners.set(signal, shared);
  signal.addEventListener('abort', expireAll);
  return shared;
}
