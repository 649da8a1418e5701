import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientEntry, type ServeOptions, type Server, serve } from '@sealwire/server';
import { type MemoryServerStore, memoryServerStore } from '@sealwire/store';
import { type LmdbServerStore, openLmdbStore } from '@sealwire/store-lmdb';
import { listenWebSocket } from '@sealwire/transport-ws';
import type { Program } from '../language/compile.js';
import { ClientPart } from '../wire/client-part.js';
import { fairNow } from '../wire/fair-clock.js';
import { isUpgraded, upgradeRequest } from '../wire/http.js';
import { names, people, type ServerKeyName, serverKeys } from '../wire/keys.js';
import { Peer } from '../wire/peer.js';
import type { Layout } from '../wire/protocol.js';
import { RawSocket } from '../wire/raw-socket.js';
import { imported } from './imported-keys.js';
import { isTree, optionTree } from './options.js';
import { ServerApp } from './server-app.js';
import { Mismatch, Stage } from './stage.js';
import { StoreSwitch } from './store-switch.js';

type SharedStore = MemoryServerStore | LmdbServerStore;

/** The real server on loopback; the script plays its clients. */
export class ServerStage extends Stage<ClientPart> {
  readonly app = new ServerApp();
  readonly disk = new StoreSwitch();
  readonly #program: Program<ServerStage>;
  readonly #nodes: Server[] = [];
  #store: SharedStore | undefined;
  #folder: string | undefined;
  #drained: Promise<void> | undefined;

  constructor(program: Program<ServerStage>, layout: Layout) {
    super(layout);
    this.#program = program;
  }

  override async start(): Promise<void> {
    const options = optionTree(this.#program.options);
    const { nodes = 1, store, storage } = options;
    this.#store ??= await this.#openStore(store === 'lmdb', storage);
    for (let count = 0; count < Number(nodes); count += 1) this.#nodes.push(await this.#serve(options));
  }

  /** The server, or one of several on the same store, counted from 1. */
  node(number: number): Server {
    const node = this.#nodes[number - 1];
    if (node === undefined) throw new Mismatch(`there is no node ${number}`);
    return node;
  }

  /** What an operator does with a backup that is older than its clients. */
  async raiseOrders(to: bigint): Promise<void> {
    if (this.#store === undefined || !('raiseOrders' in this.#store))
      throw new Mismatch('only LMDB has raiseOrders');
    await this.#store.raiseOrders(to);
  }

  /** Closes the servers and opens new ones on what the old ones stored. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async fresh(): Promise<void> {
    await this.stop();
    await this.#store?.close();
    this.#store = undefined;
    await this.start();
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.splice(0)) {
      await node.close();
      await node.store.close();
    }
    if (this.#folder === undefined) return;
    await this.#store?.close();
    this.#store = undefined;
  }

  drain(windowMs: number | undefined): void {
    this.#drained = this.node(1).drain(windowMs === undefined ? {} : { windowMs });
    this.#drained.catch(() => {});
  }

  async drained(within: number): Promise<void> {
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, within, 'late').unref());
    if ((await Promise.race([this.#drained, late])) === 'late')
      throw new Mismatch(`not drained within ${within} ms`);
  }

  async dial(name: string, node: number): Promise<Peer<ClientPart>> {
    const peer = new Peer(new ClientPart(this.layout));
    const port = Number(new URL(this.node(node).urls[0] ?? '').port);
    peer.socket = await RawSocket.connect(port, peer.arrive);
    this.#retire(name);
    this.peers.set(name, peer);
    return peer;
  }

  /** Up to the open WebSocket. */
  async connect(name: string, node: number): Promise<void> {
    const peer = await this.dial(name, node);
    await peer.write(Buffer.from(upgradeRequest('/', [])));
    const seen = await peer.next(fairNow() + 20_000);
    if (seen?.kind !== 'http' || !isUpgraded(seen.head))
      throw new Mismatch('the upgrade was not answered as it must');
  }

  override async finish(): Promise<void> {
    for (const peer of this.peers.values()) await this.#leave(peer);
    await super.finish();
    const [extra] = this.app.handled;
    if (extra !== undefined) {
      throw new Mismatch(`at the end more was handled: ${extra.kind} ${extra.number} of ${extra.clientId}`);
    }
  }

  override async dispose(): Promise<void> {
    this.disk.fill(false);
    this.disk.release();
    for (const peer of this.peers.values()) peer.destroy();
    await this.stop();
    await this.#store?.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
  }

  /** Says goodbye and reads on to the end, so that what the server sent before is seen. */
  async #leave(peer: Peer<ClientPart>): Promise<void> {
    if (peer.over || peer.socket === undefined || !peer.upgraded) return;
    peer.reading(true);
    await peer.close(1000, '');
    if (!(await peer.ended(20_000))) throw new Mismatch('the server does not answer a close');
  }

  /** A name may be used again; what its older connection left behind is looked at in the end. */
  #retire(name: string): void {
    const old = this.peers.get(name);
    if (old !== undefined) this.peers.set(`${name} (${this.peers.size})`, old);
  }

  async #openStore(lmdb: boolean, settings: unknown): Promise<SharedStore> {
    const bounds = typeof settings === 'object' && settings !== null ? settings : {};
    if (!lmdb) return memoryServerStore(bounds);
    this.#folder ??= await mkdtemp(join(tmpdir(), 'sealwire-scenario-'));
    return openLmdbStore(join(this.#folder, 'store'), bounds);
  }

  async #serve(tree: ReturnType<typeof optionTree>): Promise<Server> {
    const { store: _store, storage: _storage, nodes: _nodes, keys, listen, clients, ...options } = tree;
    const store = this.#store;
    if (store === undefined) throw new Mismatch('there is no store');
    const keyNames = [keys ?? 'server'].flat() as ServerKeyName[];
    const entries = names.map((name): [string, ClientEntry] => {
      const entry = isTree(clients) ? clients[name] : undefined;
      return [name, { publicKey: imported(people[name]).publicKey, ...(isTree(entry) ? entry : {}) }];
    });
    return serve({
      layout: this.layout,
      ...(options as Partial<ServeOptions>),
      listen: listenWebSocket({ port: 0, ...(isTree(listen) ? listen : {}) }),
      serverKey: keyNames.map((name) => imported(serverKeys[name]).privateKey),
      clients: new Map(entries),
      store: this.disk.over(store.open()),
      onMessage: this.app.onMessage,
      onRequest: this.app.onRequest,
      onEvent: this.app.onEvent,
    });
  }
}
