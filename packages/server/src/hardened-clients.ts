import { forgetOldest } from './forget-oldest.js';

/** Which clients have had a hardened session since the server started. */
export class HardenedClients {
  readonly #max: number;
  readonly #ids = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** @returns true if the client was hardened before and is not now */
  opened(clientId: string, hardened: boolean): boolean {
    if (!hardened) return this.#ids.has(clientId);
    this.#ids.delete(clientId);
    this.#ids.add(clientId);
    forgetOldest(this.#ids, this.#max);
    return false;
  }
}
