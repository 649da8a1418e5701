import type { StoreObserver } from './observed-store.js';

/** How far behind its log each client is, seen at the store. */
export class Positions implements StoreObserver {
  readonly #heads = new Map<string, bigint>();
  readonly #cursors = new Map<string, bigint>();

  published(clientId: string, order: bigint): void {
    this.#heads.set(clientId, order);
  }

  readFrom(clientId: string, order: bigint): void {
    this.#cursors.set(clientId, order);
  }

  /** Events that are published and not yet on their way. */
  behind(clientId: string): number {
    const head = this.#heads.get(clientId) ?? 0n;
    const cursor = this.#cursors.get(clientId) ?? 0n;
    return head > cursor ? Number(head - cursor) : 0;
  }
}
