import type { Words } from '../language/words.js';

/** Long enough for a busy machine: a run that needs it hangs. */
const patience = 20_000;

export interface Window {
  /** Milliseconds from now. */
  readonly within: number;
  /** Milliseconds after the last thing that the script did on the connection. */
  readonly after: number;
}

/** `within 2s`, `after 90ms`, in this order, or nothing. */
export function readWindow(words: Words): Window {
  const after = words.maybe('after') ? words.duration('the time') : 0;
  const within = words.maybe('within') ? words.duration('the time') : patience;
  return { within, after };
}
