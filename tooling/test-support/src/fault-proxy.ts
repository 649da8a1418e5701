import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type CutKind, FaultLink, type Way } from './fault-link.js';
import { reset } from './reset.js';

export interface FaultProxyOptions {
  /** Milliseconds that bytes are on their way. Default 0. */
  readonly latency?: number | Readonly<Record<Way, number>>;
  /** Most bytes that are handed over at once, each way; 1 gives a byte at a time. Default: as they come. */
  readonly chunk?: number;
  /** Most bytes that each direction of a link holds; reading stops above. Default 1 MiB. */
  readonly maxHeld?: number;
  /** Most links at a time; further ones are reset. Default 1,000. */
  readonly maxLinks?: number;
  /** Called for each link before it carries a byte: the place for `cutAfter` and `stall`. */
  readonly onLink?: (link: FaultLink) => void;
}

/** `refuse`: reset at once. `swallow`: accepted, and never a byte read or written. */
export type Admission = 'forward' | 'refuse' | 'swallow';

/** Looks at a link after every movement of bytes. True: it has done what it was armed for, and the next one's turn comes. */
export type Trigger = (link: FaultLink) => boolean;

/** A TCP proxy on loopback that fails in the ways of a network when it is told to. */
export class FaultProxy implements AsyncDisposable {
  /** Where new links go; may change, as when a server is started again on another port. */
  target: { readonly port: number };
  /** What becomes of new connections. */
  admission: Admission = 'forward';
  readonly #options: Required<Omit<FaultProxyOptions, 'latency'>> & { latency: Record<Way, number> };
  readonly #server: Server;
  readonly #links = new Set<FaultLink>();
  readonly #sockets = new Set<Socket>();
  readonly #triggers: Trigger[] = [];
  readonly #finished: Record<Way, number> = { toServer: 0, toClient: 0 };
  #opened = 0;
  #swallowed = 0;
  #cuts = 0;

  static async open(target: { readonly port: number }, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(target: { readonly port: number }, options: FaultProxyOptions) {
    const { latency = 0, chunk = Number.POSITIVE_INFINITY, maxHeld = 1_048_576, maxLinks = 1_000 } = options;
    this.target = target;
    this.#options = {
      latency: typeof latency === 'number' ? { toServer: latency, toClient: latency } : { ...latency },
      chunk,
      maxHeld,
      maxLinks,
      onLink: options.onLink ?? (() => {}),
    };
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#admit(socket),
    );
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get links(): readonly FaultLink[] {
    return [...this.#links];
  }

  /** Links forwarded so far. */
  get opened(): number {
    return this.#opened;
  }

  /** Connections swallowed so far. */
  get swallowed(): number {
    return this.#swallowed;
  }

  /** Links that the proxy ended. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Triggers that have not done their work. */
  get pending(): number {
    return this.#triggers.length;
  }

  /** Bytes that have come out, of all links. */
  delivered(way: Way): number {
    return this.links.reduce((sum, link) => sum + link.delivered(way), this.#finished[way]);
  }

  /** Triggers take turns: only the first in line is asked. */
  arm(trigger: Trigger): void {
    this.#triggers.push(trigger);
  }

  cut(kind: CutKind = 'reset'): void {
    for (const link of this.links) link.cut(kind);
  }

  stall(way: Way | 'both' = 'both'): void {
    for (const link of this.links) link.stall(way);
  }

  heal(way: Way | 'both' = 'both'): void {
    for (const link of this.links) link.heal(way);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    // The server has closed when its last connection has; the links end with both of theirs.
    const closed = [once(this.#server, 'close'), ...[...this.#sockets].map(gone)];
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #admit(client: Socket): void {
    this.#hold(client);
    if (this.admission === 'refuse' || this.#sockets.size > 2 * this.#options.maxLinks) {
      reset(client);
    } else if (this.admission === 'forward') this.#join(client);
    else this.#swallowed += 1;
  }

  #join(client: Socket): void {
    const server = connect({ port: this.target.port, host: '127.0.0.1', allowHalfOpen: true });
    this.#hold(server);
    this.#opened += 1;
    const { latency, chunk, maxHeld } = this.#options;
    const options = (way: Way) => ({ latency: latency[way], chunk, maxHeld });
    const link = new FaultLink(
      this.#opened,
      client,
      server,
      { toServer: options('toServer'), toClient: options('toClient') },
      {
        moved: (moved) => this.#ask(moved),
        cut: () => {
          this.#cuts += 1;
        },
        closed: () => {
          this.#links.delete(link);
          for (const way of ['toServer', 'toClient'] as const) this.#finished[way] += link.delivered(way);
        },
      },
    );
    this.#links.add(link);
    client.resume();
    // After `resume`, so that a stall of the very beginning holds.
    this.#options.onLink(link);
  }

  #ask(link: FaultLink): void {
    if (link.open && this.#triggers[0]?.(link) === true) this.#triggers.shift();
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    // What broke is told by 'close', which follows.
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
