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

  /** The reason to refuse this message with. An entry for an earlier one has become pointless. */
  reasonFor(clientId: string, sequence: bigint): string | undefined {
    this.forget(clientId, sequence - 1n);
    const entry = this.#entries.get(clientId);
    return entry?.sequence === sequence ? entry.reason : undefined;
  }

  /** Messages up to this one are consumed for good. */
  forget(clientId: string, sequence: bigint): void {
    const entry = this.#entries.get(clientId);
    if (entry !== undefined && entry.sequence <= sequence) this.#entries.delete(clientId);
  }
}
