import { ServerError } from './errors.js';

/** Messages that the operator wants refused when they come again. */
export class PoisonList {
  readonly #max: number;
  readonly #entries = new Map<string, { readonly sequence: bigint; readonly reason: string }>();

  constructor(max: number) {
    this.#max = max;
  }

  add(clientId: string, sequence: bigint, reason: string): void {
    if (!this.#entries.has(clientId) && this.#entries.size >= this.#max) {
      throw new ServerError('E_OVERLOADED', `${this.#max} clients have a message to be refused already`);
    }
    this.#entries.set(clientId, { sequence, reason });
  }

  /** The reason to refuse this message with, once. An entry for an earlier one has become pointless. */
  take(clientId: string, sequence: bigint): string | undefined {
    const entry = this.#entries.get(clientId);
    if (entry === undefined || entry.sequence > sequence) return undefined;
    this.#entries.delete(clientId);
    return entry.sequence === sequence ? entry.reason : undefined;
  }
}
