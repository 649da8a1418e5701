import type { Journal } from './journal.js';

/** Requests of all clients: one that is not idempotent reaches the application at most once. */
export class RequestLedger {
  readonly #journal: Journal;
  readonly #idempotent = new Map<number, boolean>();
  readonly #seen = new Set<number>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  made(id: number, idempotent: boolean): void {
    this.#idempotent.set(id, idempotent);
  }

  asked(clientId: string, id: number): void {
    this.#journal.note(`${clientId}: request ${id} is asked`);
    if (this.#seen.has(id) && this.#idempotent.get(id) === false) {
      this.#journal.violated('RPC', `${clientId}: request ${id} reached the application twice`);
    }
    this.#seen.add(id);
  }
}
