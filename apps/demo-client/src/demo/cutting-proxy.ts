import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Direction, SlowPipe } from './slow-pipe.js';

/** When to cut the link, and how. `reset`: with a TCP reset, else with an end of the stream, both without a word. */
export type Trigger =
  /**
   * As soon as at least one byte is on its way to the server and `least` bytes are to the client. Of the oldest chunk
   * each way this `share` still arrives.
   */
  | { readonly kind: 'traffic'; readonly reset: boolean; readonly least: number; readonly share: number }
  /** When the next connection has carried this many bytes in this direction. */
  | {
      readonly kind: 'handshake';
      readonly reset: boolean;
      readonly direction: Direction;
      readonly bytes: number;
    };

/** What a cut did. */
export interface Cut {
  readonly trigger: Trigger;
  /** Bytes that one side had sent and the other never got. */
  readonly thrownAway: Readonly<Record<Direction, number>>;
}

interface Connection {
  readonly sockets: readonly [Socket, Socket];
  readonly pipes: Readonly<Record<Direction, SlowPipe>>;
  /** It was opened after the trigger that is now the first in line. */
  fresh: boolean;
}

/** A TCP proxy on loopback that holds bytes for a moment, as a network does, and cuts connections when it is told to. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #latency: number;
  readonly #triggers: Trigger[] = [];
  readonly #onCut: (cut: Cut) => void;
  readonly #connections = new Set<Connection>();

  /** @param latency milliseconds that bytes are on their way, in each direction */
  static async open(
    target: { readonly host: string; readonly port: number },
    latency: number,
    onCut: (cut: Cut) => void,
  ): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, latency, onCut);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(
    target: { readonly host: string; readonly port: number },
    latency: number,
    onCut: (cut: Cut) => void,
  ) {
    this.#latency = latency;
    this.#onCut = onCut;
    this.#server = createServer((socket) => this.#join(socket, connect(target)));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts that are armed and have not happened. */
  get pending(): number {
    return this.#triggers.length;
  }

  arm(trigger: Trigger): void {
    this.#triggers.push(trigger);
  }

  close(): void {
    this.#server.close();
    for (const { sockets } of this.#connections) for (const socket of sockets) socket.destroy();
  }

  #join(client: Socket, server: Socket): void {
    const sockets = [client, server] as const;
    for (const socket of sockets) {
      socket.setNoDelay(true);
      // What broke is told by 'close', which follows.
      socket.on('error', () => {});
    }
    const check = () => this.#check(connection);
    const connection: Connection = {
      sockets,
      pipes: {
        'to server': new SlowPipe(client, server, this.#latency, check),
        'to client': new SlowPipe(server, client, this.#latency, check),
      },
      fresh: true,
    };
    this.#connections.add(connection);
    for (const socket of sockets) {
      socket.once('close', () => {
        this.#connections.delete(connection);
        for (const other of sockets) other.destroy();
      });
    }
  }

  #check(connection: Connection): void {
    const [trigger] = this.#triggers;
    if (trigger === undefined || !this.#connections.has(connection)) return;
    if (trigger.kind === 'traffic') {
      const { pipes } = connection;
      if (pipes['to server'].held === 0 || pipes['to client'].held < trigger.least) return;
      for (const pipe of Object.values(pipes)) pipe.deliverShare(trigger.share);
    } else {
      const pipe = connection.pipes[trigger.direction];
      if (!connection.fresh || pipe.total < trigger.bytes) return;
      pipe.deliverUpTo(trigger.bytes);
    }
    this.#cut(connection, trigger);
  }

  #cut({ sockets, pipes }: Connection, trigger: Trigger): void {
    this.#triggers.shift();
    const thrownAway = { 'to server': pipes['to server'].held, 'to client': pipes['to client'].held };
    for (const pipe of Object.values(pipes)) pipe.stop();
    for (const socket of sockets) {
      if (trigger.reset) socket.resetAndDestroy();
      else socket.destroy();
    }
    for (const connection of this.#connections) connection.fresh = false;
    this.#onCut({ trigger, thrownAway });
  }
}
