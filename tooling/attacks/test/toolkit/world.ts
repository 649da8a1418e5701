import { type Client, type ConnectionState, type ConnectOptions, connect } from '@sealwire/client';
import { type ServeOptions, type Server, type ServerEvent, serve } from '@sealwire/server';
import { type MemoryClientState, memoryClientState } from '@sealwire/store';
import { type MemoryTransport, memoryTransport } from '@sealwire/transport';
import { onTestFinished } from 'vitest';
import { aliceKey, publicKeys, serverKey } from './keys.js';
import type { Mode } from './modes.js';
import { type Attack, dialThrough, Road } from './road.js';

/** A real server, a real client, and an attacker who owns every link between them. */
export class World {
  readonly mode: Mode;
  readonly network: MemoryTransport = memoryTransport();
  readonly roads: Road[] = [];
  /** What the attacker does from now on. */
  attack: Attack = {};
  state: MemoryClientState = memoryClientState();
  /** What the server's application got. */
  readonly orders: unknown[] = [];
  readonly requests: unknown[] = [];
  events: ServerEvent[] = [];
  /** What the client's application got, and what became of its state. */
  readonly received: [bigint, unknown][] = [];
  states: ConnectionState[] = [];
  #server: Server | undefined;

  private constructor(mode: Mode) {
    this.mode = mode;
  }

  static async open(mode: Mode, options: Partial<ServeOptions> = {}): Promise<World> {
    const world = new World(mode);
    const server = await serve({
      listen: world.network.listen,
      serverKey,
      clients: new Map([['alice', { publicKey: publicKeys.alice }]]),
      hardening: mode.server,
      onMessage: ({ payload }) => void world.orders.push(payload),
      onRequest: ({ payload }) => {
        world.requests.push(payload);
        return payload ?? null;
      },
      onEvent: (event) => world.events.push(event),
      ...options,
    });
    onTestFinished(() => server.close());
    world.#server = server;
    if (mode.pinned === true) await world.#pin();
    return world;
  }

  get server(): Server {
    if (this.#server === undefined) throw new Error('the server was not opened');
    return this.#server;
  }

  get road(): Road {
    const road = this.roads.at(-1);
    if (road === undefined) throw new Error('nobody dialed');
    return road;
  }

  /** The codes of what the client found wrong, the latest last. */
  get clientFaults(): unknown[] {
    return this.states.flatMap((state) => (state.kind === 'waiting' ? [codeOf(state.cause.cause)] : []));
  }

  /** The codes of what the server found wrong. */
  get serverFaults(): unknown[] {
    return this.events.flatMap((event) =>
      event.type === 'session-closed' || event.type === 'handshake-refused' ? [codeOf(event.error)] : [],
    );
  }

  eventsOf(type: ServerEvent['type']): ServerEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Resolves with the first session, which an attack may put off. */
  connect(options: Partial<ConnectOptions> = {}): Promise<Client> {
    const ending = new AbortController();
    const connecting = connect({
      signal: ending.signal,
      dial: dialThrough(this.network.dial, (client, server) => {
        this.roads.push(new Road(client, server, () => this.attack));
      }),
      clientId: 'alice',
      clientKey: aliceKey,
      serverKey: publicKeys.server,
      state: this.state,
      reconnect: { first: 5, max: 5, slow: 5 },
      onMessage: ({ order, payload }) => void this.received.push([order, payload]),
      onState: (state) => void this.states.push(state),
      ...this.mode.client,
      ...options,
    });
    onTestFinished(() => {
      ending.abort();
      return connecting.then(
        (client) => client.close({ timeout: 0 }),
        () => {},
      );
    });
    return connecting;
  }

  /** A new process of the client, with the saved state of the one before. */
  restart(): void {
    this.state = this.state.reopen();
  }

  async #pin(): Promise<void> {
    await (await this.connect()).close();
    await until(() => this.eventsOf('session-closed').length === 1);
    this.restart();
    this.events = [];
    this.states = [];
    this.roads.length = 0;
  }
}

/** Resolves when `reached` holds; the time limit of the test ends it where it never does. */
export async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 2));
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
