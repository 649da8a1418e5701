import type { Socket } from 'node:net';
import type { ListenPlan } from './listen-options.js';
import { type ConnectionsLimit, countedNetwork } from './places.js';

interface Pending {
  readonly since: number;
  readonly connection: string;
  readonly network: string | undefined;
  readonly socket: Socket;
  /** Listens for the end of the socket. */
  readonly onClose: () => void;
}

/** Milliseconds between two calls of `onFull` for one limit: whoever fills the places does so fast. */
const quiet = 1_000;
/** Milliseconds within which an honest client upgrades, but for the slowest. */
const upgradeTime = 1_000;

/**
 * Connections that are not links yet, the oldest first. Nobody knows who they are, so where they are too many the oldest
 * goes and not the newest: an honest client upgrades at once, and whoever only holds places locks nobody out. Where even
 * the oldest may be on its way to an upgrade, it is the oldest of the network that has the most: few networks, however fast
 * they open new ones, push out only their own.
 */
export class PendingUpgrades {
  readonly #plan: ListenPlan;
  readonly #all = new Map<string, Pending>();
  readonly #perNetwork = new Map<string | undefined, Set<Pending>>();
  readonly #toldAt = new Map<ConnectionsLimit, number>();

  constructor(plan: ListenPlan) {
    this.#plan = plan;
  }

  add(socket: Socket): void {
    const { behindTlsProxy, maxConnectionsPerAddress, maxPendingUpgrades } = this.#plan;
    // All come from the proxy.
    const network = behindTlsProxy ? undefined : countedNetwork(socket.remoteAddress);
    const neighbours = this.#neighbours(network);
    // Its own network first, so that one network pushes out no other.
    if (network !== undefined && neighbours.size >= maxConnectionsPerAddress) {
      this.#drop(neighbours, 'maxConnectionsPerAddress');
    } else if (this.#all.size >= maxPendingUpgrades) this.#drop(this.#crowd(), 'maxPendingUpgrades');
    const pending: Pending = {
      since: performance.now(),
      connection: connectionOf(socket),
      network,
      socket,
      onClose: () => this.#remove(pending),
    };
    this.#all.set(pending.connection, pending);
    this.#perNetwork.set(network, this.#neighbours(network).add(pending));
    socket.once('close', pending.onClose);
  }

  /** Its upgrade has come, and is taken or refused at once. */
  upgraded(socket: Socket): void {
    const pending = this.#all.get(connectionOf(socket));
    if (pending !== undefined) this.#remove(pending);
  }

  #neighbours(network: string | undefined): Set<Pending> {
    return this.#perNetwork.get(network) ?? new Set();
  }

  /** The oldest of all, where it has had its time; else those of the network that has the most, or all where each has one. */
  #crowd(): Iterable<Pending> {
    const [oldest] = this.#all.values();
    if (oldest !== undefined && performance.now() - oldest.since >= upgradeTime) return [oldest];
    let largest: ReadonlySet<Pending> | undefined;
    for (const neighbours of this.#perNetwork.values()) {
      if (neighbours.size > (largest?.size ?? 1)) largest = neighbours;
    }
    return largest ?? this.#all.values();
  }

  #drop([oldest]: Iterable<Pending>, limit: ConnectionsLimit): void {
    if (oldest === undefined) return;
    const { remoteAddress } = oldest.socket;
    this.#remove(oldest);
    oldest.socket.destroy();
    const now = performance.now();
    if (now - (this.#toldAt.get(limit) ?? Number.NEGATIVE_INFINITY) < quiet) return;
    this.#toldAt.set(limit, now);
    this.#plan.onFull(limit, remoteAddress);
  }

  #remove(pending: Pending): void {
    const { connection, network, socket, onClose } = pending;
    // A session that lives on does not keep it.
    socket.off('close', onClose);
    if (this.#all.get(connection) === pending) this.#all.delete(connection);
    const neighbours = this.#neighbours(network);
    neighbours.delete(pending);
    if (neighbours.size === 0) this.#perNetwork.delete(network);
  }
}

/** The same for a TCP connection and for TLS over it, of which Node does not say that they belong together. */
function connectionOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`;
}
