/** Of one client: at home, at work, on the way. */
const networksOfClient = 4;

/**
 * From where clients proved themselves. Each client is remembered with its last few networks, so that none can fill the
 * memory with networks of its own and push out those of others.
 */
export class KnownNetworks {
  readonly #maxClients: number;
  /** In the order of the last proofs. */
  readonly #ofClient = new Map<string, readonly string[]>();
  /** How many clients are remembered with a network. */
  readonly #clients = new Map<string, number>();

  constructor(maxClients: number) {
    this.#maxClients = maxClients;
  }

  has(network: string): boolean {
    return this.#clients.has(network);
  }

  add(network: string, clientId: string): void {
    const before = this.#ofClient.get(clientId) ?? [];
    const after = [...before.filter((other) => other !== network), network].slice(-networksOfClient);
    this.#ofClient.delete(clientId);
    this.#ofClient.set(clientId, after);
    this.#count(after, 1);
    this.#count(before, -1);
    for (const [oldest, networks] of this.#ofClient) {
      if (this.#ofClient.size <= this.#maxClients) return;
      this.#ofClient.delete(oldest);
      this.#count(networks, -1);
    }
  }

  #count(networks: readonly string[], change: number): void {
    for (const network of networks) {
      const clients = (this.#clients.get(network) ?? 0) + change;
      if (clients === 0) this.#clients.delete(network);
      else this.#clients.set(network, clients);
    }
  }
}
