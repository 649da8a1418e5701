import { closeSync, openSync, writeSync } from 'node:fs';
import { codeOf, UsageError } from '@sealwire/demo-common';
import type { StoreObserver } from './observed-store.js';

/** One line of the journal of a server. */
export type ServerRecord =
  /** The handler took a message; whether that counts is told by `accepted`. */
  | { readonly kind: 'handled'; readonly sequence: string; readonly payload: unknown }
  | { readonly kind: 'accepted'; readonly sequence: string }
  | { readonly kind: 'published'; readonly order: string; readonly payload: unknown };

/** Writes down what happened, one JSON object a line, so that somebody else can check it. */
export class Journal implements StoreObserver {
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

  handled(sequence: bigint, payload: unknown): void {
    this.#write({ kind: 'handled', sequence: String(sequence), payload });
  }

  accepted(_clientId: string, sequence: bigint): void {
    this.#write({ kind: 'accepted', sequence: String(sequence) });
  }

  published(_clientId: string, order: bigint, json: Uint8Array): void {
    const payload: unknown = JSON.parse(new TextDecoder().decode(json));
    this.#write({ kind: 'published', order: String(order), payload });
  }

  close(): void {
    closeSync(this.#file);
  }

  /** At once, so that nothing waits in memory and a killed process leaves what it knew. */
  #write(record: ServerRecord): void {
    writeSync(this.#file, `${JSON.stringify(record)}\n`);
  }
}
