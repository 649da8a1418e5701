import { errorText } from '@sealwire/session';
import { ClientError } from './errors.js';

/** As long as a person reads; the causes themselves are kept whole. */
const maxReasonLength = 512;
const maxCauses = 8;

/** Why `connect` gave up, down to what the platform said of the last attempt. */
export function connectTimedOut(timeout: number, cause: ClientError | undefined): ClientError {
  const last =
    cause === undefined ? 'no answer came' : reasonOf(cause.code === 'E_DIAL' ? cause.cause : cause);
  return new ClientError('E_CONNECT_TIMEOUT', `no live session within ${timeout} ms: ${last}`, { cause });
}

/** The words of an error and of its causes, each that says more than the ones above it; fit to be shown. */
function reasonOf(error: unknown): string {
  let words = '';
  let next = error;
  for (let depth = 0; depth < maxCauses && next instanceof Error; depth += 1) {
    const { message } = next;
    if (!words.includes(message)) words += words === '' ? message : `: ${message}`;
    // Node tries each address of a name, and says nothing of them all together.
    next = next instanceof AggregateError ? next.errors[0] : next.cause;
  }
  return errorText((words === '' ? String(error) : words).slice(0, maxReasonLength));
}
