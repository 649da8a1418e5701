import { closeSync, openSync, writeSync } from 'node:fs';
import { codeOf, UsageError } from '@sealwire/demo-common';

/** One line of the journal of a client. Calls are numbered in the order in which they were made. */
export type ClientRecord =
  | { readonly kind: 'sent'; readonly sequence: string; readonly payload: unknown }
  | { readonly kind: 'outcome'; readonly sequence: string; readonly outcome: string }
  | { readonly kind: 'received'; readonly order: string; readonly payload: unknown }
  | { readonly kind: 'called'; readonly call: number; readonly payload: unknown }
  | { readonly kind: 'answered'; readonly call: number; readonly payload: unknown }
  /** The call was rejected; with `E_CALL_UNKNOWN` the server may have done it. */
  | { readonly kind: 'failed'; readonly call: number; readonly code: string };

/** Writes down what happened, one JSON object a line, so that somebody else can check it. */
export class Journal {
  readonly #file: number;

  /** @throws UsageError */
  constructor(path: string) {
    try {
      this.#file = openSync(path, 'w');
    } catch (cause) {
      throw new UsageError(`--journal ${path} cannot be written (${codeOf(cause)}): give another file.`, {
        cause,
      });
    }
  }

  /** At once, so that nothing waits in memory and a killed process leaves what it knew. */
  write(record: ClientRecord): void {
    writeSync(this.#file, `${JSON.stringify(record)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}
