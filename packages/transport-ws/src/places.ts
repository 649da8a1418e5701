import { networkOf } from '@sealwire/transport';
import { isLoopbackAddress } from './loopback.js';

export type ConnectionsLimit = 'maxConnections' | 'maxConnectionsPerAddress' | 'maxPendingUpgrades';

/**
 * Counts what is open, in all and of each network. Loopback is not counted by network: programs of this machine have
 * other means, and a proxy on it that names no addresses stands for everybody.
 */
export class Places {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #perNetwork = new Map<string, number>();
  #taken = 0;

  constructor(max: number, maxPerAddress: number) {
    this.#max = max;
    this.#maxPerAddress = maxPerAddress;
  }

  /** The limit because of which there is no place. */
  full(address: string | undefined): ConnectionsLimit | undefined {
    if (this.#taken >= this.#max) return 'maxConnections';
    const network = countedNetwork(address);
    if (network === undefined || this.#of(network) < this.#maxPerAddress) return undefined;
    return 'maxConnectionsPerAddress';
  }

  /** Takes a place; calling what is returned, once, gives it back. */
  take(address: string | undefined): () => void {
    const network = countedNetwork(address);
    this.#change(network, 1);
    return () => this.#change(network, -1);
  }

  #of(network: string): number {
    return this.#perNetwork.get(network) ?? 0;
  }

  #change(network: string | undefined, change: number): void {
    this.#taken += change;
    if (network === undefined) return;
    const count = this.#of(network) + change;
    if (count === 0) this.#perNetwork.delete(network);
    else this.#perNetwork.set(network, count);
  }
}

/** Undefined: not counted by network. */
export function countedNetwork(address: string | undefined): string | undefined {
  return isLoopbackAddress(address) ? undefined : networkOf(address);
}
