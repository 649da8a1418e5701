import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Client, type ConnectOptions, connect } from '@sealwire/client';
import { type DialOptions, dialWebSocket } from '@sealwire/transport-ws';
import type { Program } from '../language/compile.js';
import { fairNow, worldNow } from '../wire/fair-clock.js';
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
import { ProcessState } from './process-state.js';
import { Mismatch, Stage } from './stage.js';

/** The real client; the script plays its server on loopback. */
export class ClientStage extends Stage<ServerPart> {
  /** Of the process of the client that runs now. */
  app = new ClientApp();
  #state = new ProcessState();
  #process = new AbortController();
  readonly #program: Program<ClientStage>;
  readonly #listener: Server = createServer({ allowHalfOpen: true });
  readonly #dials = new Watch();
  readonly #waiting: Socket[] = [];
  #port = 0;

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
    await this.listen();
    this.connect();
  }

  /** The port stays the same. */
  async listen(): Promise<void> {
    this.#listener.listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  /** Whoever dials is refused by the operating system. */
  unlisten(): void {
    this.#listener.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  /** The application calls `connect` with the options of the scenario. */
  connect(): void {
    const { app } = this;
    const {
      id = 'alice',
      keys,
      dial,
      url,
      random,
      maxOrderGap,
      resumeFrom,
      ...options
    } = optionTree(this.#program.options);
    const keyNames = [keys ?? 'server'].flat() as ServerKeyName[];
    const connecting = connect({
      layout: this.layout,
      state: this.#state,
      // A script is not about the length of a back-off unless it says so.
      reconnect: { max: 50 },
      ...(options as Partial<ConnectOptions>),
      ...(random !== undefined && { random: () => Number(random) }),
      ...(maxOrderGap !== undefined && { maxOrderGap: BigInt(String(maxOrderGap)) }),
      ...(resumeFrom !== undefined && {
        resumeFrom: resumeFrom === 'oldest' ? resumeFrom : BigInt(String(resumeFrom)),
      }),
      dial: this.#dialer(String(url ?? `ws://127.0.0.1:${this.#port}`), isTree(dial) ? dial : {}),
      clientId: String(id),
      clientKey: imported(people[String(id) as Person] ?? people.alice).privateKey,
      serverKey: keyNames.map((name) => imported(serverKeys[name]).publicKey),
      signal: this.#process.signal,
      onMessage: app.onMessage,
      onState: app.onState,
    });
    app.follow('connect', connecting);
    connecting.then(
      (client) => {
        app.client = client;
        app.watch.changed();
      },
      () => {},
    );
  }

  /** A process that was killed dials no more. */
  #dialer(url: string, options: DialOptions): ReturnType<typeof dialWebSocket> {
    const { signal } = this.#process;
    const dial = dialWebSocket(url, options);
    return (context) => (signal.aborted ? new Promise(() => {}) : dial(context));
  }

  /** The process of the client is killed: its connections are cut, and only what its state has written is left. */
  crash(keepsState: boolean): void {
    const { app } = this;
    const [extra] = app.received;
    if (extra !== undefined) throw new Mismatch(`before the crash more was received: ${extra.order}`);
    this.#process.abort();
    this.#process = new AbortController();
    this.#state = keepsState ? this.#state.successor() : new ProcessState();
    this.app = new ClientApp();
    for (const peer of this.peers.values()) if (!peer.destroyed) peer.reset();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    void app.client?.close({ timeout: 1 });
  }

  /** Nothing that the client writes from now on is kept. */
  freezeState(): void {
    this.#state.freeze();
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
    const seen = await this.peer(name).next(fairNow() + 20_000);
    if (seen?.kind !== 'http') throw new Mismatch('there is no upgrade request');
    return seen.head;
  }

  async noDial(duration: number): Promise<void> {
    const dialed = await this.#dials.until(duration, () => this.#waiting[0], worldNow);
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
    // A client that was never connected is called off.
    this.#process.abort();
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
    this.#process.abort();
    // It may wait for a state that was frozen.
    void this.app.client?.close({ timeout: 1 });
  }

  /** The end of a client is no surprise. */
  async #seeOff(peer: Peer<ServerPart>): Promise<void> {
    if (peer.destroyed) return;
    peer.reading(true);
    if (!(await peer.gone(5_000))) throw new Mismatch('the client leaves a connection open');
    peer.forgive((seen) => seen.kind === 'close' && (seen.code === 1000 || seen.code === 1005));
  }
}
