import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Client, type ConnectOptions, connect } from '@sealwire/client';
import { type ClientState, memoryClientState } from '@sealwire/store';
import { dialWebSocket } from '@sealwire/transport-ws';
import type { Program } from '../language/compile.js';
import { upgradeAnswer } from '../wire/http.js';
import { type Person, people, type ServerKeyName, serverKeys } from '../wire/keys.js';
import { Peer } from '../wire/peer.js';
import type { Layout } from '../wire/protocol.js';
import { RawSocket } from '../wire/raw-socket.js';
import { ServerPart } from '../wire/server-part.js';
import { Watch } from '../wire/watch.js';
import { ClientApp } from './client-app.js';
import { imported } from './imported-keys.js';
import { isTree, optionTree } from './options.js';
import { Mismatch, Stage } from './stage.js';

/** The real client; the script plays its server on loopback. */
export class ClientStage extends Stage<ServerPart> {
  readonly app = new ClientApp();
  readonly #program: Program<ClientStage>;
  readonly #state: ClientState = memoryClientState();
  readonly #listener: Server = createServer({ allowHalfOpen: true });
  readonly #dials = new Watch();
  readonly #waiting: Socket[] = [];
  #connecting: Promise<Client> | undefined;

  constructor(program: Program<ClientStage>, layout: Layout) {
    super(layout);
    this.#program = program;
  }

  override async start(): Promise<void> {
    this.#listener.on('connection', (socket) => {
      // What comes before the script takes the connection stays in it.
      socket.pause();
      socket.on('error', () => {});
      this.#waiting.push(socket);
      this.#dials.changed();
    });
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.connect();
  }

  /** The application calls `connect` with the options of the scenario. */
  connect(): void {
    const { port } = this.#listener.address() as AddressInfo;
    const { id = 'alice', keys, dial, ...options } = optionTree(this.#program.options);
    const keyNames = [keys ?? 'server'].flat() as ServerKeyName[];
    this.#connecting = connect({
      layout: this.layout,
      state: this.#state,
      // A script is not about the length of a back-off unless it says so.
      reconnect: { max: 50 },
      ...(options as Partial<ConnectOptions>),
      dial: dialWebSocket(`ws://127.0.0.1:${port}`, isTree(dial) ? dial : {}),
      clientId: String(id),
      clientKey: imported(people[String(id) as Person] ?? people.alice).privateKey,
      serverKey: keyNames.map((name) => imported(serverKeys[name]).publicKey),
      onMessage: this.app.onMessage,
      onState: this.app.onState,
    });
    this.app.follow('connect', this.#connecting);
    this.#connecting.then(
      (client) => {
        this.app.client = client;
        this.app.watch.changed();
      },
      () => {},
    );
  }

  async client(): Promise<Client> {
    const client = await this.app.watch.until(20_000, () => this.app.client);
    if (client === undefined) throw new Mismatch('connect has not resolved');
    return client;
  }

  /** Takes the next TCP connection of the client. */
  async take(name: string, within: number): Promise<Peer<ServerPart>> {
    const socket = await this.#dials.until(within, () => this.#waiting.shift());
    if (socket === undefined) throw new Mismatch(`the client did not dial within ${within} ms`);
    const peer = new Peer(new ServerPart(this.layout));
    peer.socket = new RawSocket(socket, 'client', peer.arrive);
    socket.resume();
    const old = this.peers.get(name);
    if (old !== undefined) this.peers.set(`${name} (${this.peers.size})`, old);
    this.peers.set(name, peer);
    return peer;
  }

  /** Takes it, and lets the WebSocket open. */
  async accept(name: string, within: number): Promise<Peer<ServerPart>> {
    const peer = await this.take(name, within);
    await peer.write(Buffer.from(upgradeAnswer(await this.head(name), [])));
    return peer;
  }

  /** The upgrade request of the client. */
  async head(name: string): Promise<string> {
    const seen = await this.peer(name).next(performance.now() + 20_000);
    if (seen?.kind !== 'http') throw new Mismatch('there is no upgrade request');
    return seen.head;
  }

  async noDial(duration: number): Promise<void> {
    const dialed = await this.#dials.until(duration, () => this.#waiting[0]);
    if (dialed !== undefined) throw new Mismatch('the client dialed');
  }

  override async finish(): Promise<void> {
    // What was sent last reaches the application before it closes; the second one is for what is not done in one turn.
    for (const peer of this.peers.values()) {
      await peer.roundTrip(5_000);
      await peer.roundTrip(5_000);
    }
    await this.app.client?.close({ timeout: 1_000 });
    await Promise.all([...this.peers.values()].map((peer) => this.#seeOff(peer)));
    await super.finish();
    const [extra] = this.app.received;
    if (extra !== undefined) throw new Mismatch(`at the end more was received: ${extra.order}`);
    // Closing settles what is left, but not within the same turn.
    const hangs = await this.app.watch.until(5_000, () => (this.app.hanging.length === 0 ? [] : undefined));
    if (hangs === undefined)
      throw new Mismatch(`these promises never settle: ${this.app.hanging.join(', ')}`);
  }

  override async dispose(): Promise<void> {
    for (const peer of this.peers.values()) peer.destroy();
    for (const socket of this.#waiting) socket.destroy();
    this.#listener.close();
    await this.app.client?.close({ timeout: 1 });
  }

  /** The end of a client is no surprise. */
  async #seeOff(peer: Peer<ServerPart>): Promise<void> {
    if (peer.destroyed) return;
    peer.reading(true);
    if (!(await peer.gone(5_000))) throw new Mismatch('the client leaves a connection open');
    peer.forgive((seen) => seen.kind === 'close' && (seen.code === 1000 || seen.code === 1005));
  }
}
