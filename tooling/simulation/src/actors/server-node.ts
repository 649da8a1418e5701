import { type Server, type ServerEvent, serve } from '@sealwire/server';
import { behindPartition, listenAmong, Partition, SimProcess, simStore } from '@sealwire/testing';
import { scanForSecret } from '../oracle/scan.js';
import type { World } from '../world/world.js';
import { clientName, secret } from './payloads.js';
import { ServerApp } from './server-app.js';

/** Closes that only a peer deserves that breaks the protocol, and nobody does. */
const dishonest: ReadonlySet<number> = new Set([1002, 1003, 1009, 4001, 4101]);

/** One server of the world, over all of its processes. */
export class ServerNode {
  readonly wayToStore = new Partition();
  readonly #world: World;
  readonly #index: number;
  #starts = 0;
  #process: SimProcess | undefined;
  #server: Server | undefined;

  constructor(world: World, index: number) {
    this.#world = world;
    this.#index = index;
  }

  get process(): SimProcess | undefined {
    return this.#process;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  start(): void {
    if (this.#process !== undefined || this.world.over) return;
    const { world } = this;
    const process = new SimProcess(`server-${this.#index}.${this.#starts++}`, world.clock);
    this.#process = process;
    world.journal.note(`${process.name} starts`);
    const local = simStore(world.database, process);
    const store = world.options.nodes === 1 ? local : behindPartition(local, this.wayToStore, process);
    const app = new ServerApp(store, process, world);
    const { crypto, publicKey, privateKey } = world.cryptoOf(process);
    const clients = new Map(
      Array.from({ length: world.options.clients }, (_, index) => [
        clientName(index),
        { publicKey: publicKey(clientName(index)) },
      ]),
    );
    serve({
      listen: listenAmong(world.listeners, process),
      serverKey: privateKey('server'),
      clients,
      crypto,
      store,
      scheduler: process.scheduler,
      limits: { maxRsaOperations: 2, maxPendingMessages: 64, batchMessages: 16 },
      hardening: world.options.hardened ? 'prefer' : 'off',
      handlerTimeout: world.options.handlerTimeout,
      onMessage: (message, tx) => app.handle(message as never, tx),
      onRequest: (request, tx) => app.answer(request as never, tx),
      onEvent: (event) => this.#event(process, app, event),
    }).then(
      (server) => {
        if (this.#process === process) this.#server = server;
      },
      (error) => world.journal.violated('STOP', `${process.name} did not start: ${error}`),
    );
  }

  /** kill -9. `silent`: the machine goes with it, and nobody tells the clients. */
  crash(silent: boolean): void {
    const process = this.#process;
    if (process === undefined) return;
    this.world.journal.note(`${process.name} is killed`);
    this.#process = undefined;
    this.#server = undefined;
    process.kill();
    for (const network of this.world.networks) network.lose(process, silent);
    if (this.world.options.nodes === 1) this.world.database.disk.crash();
  }

  /** SIGTERM: drain, then the process ends. */
  drain(ended: () => void): void {
    const process = this.#process;
    const server = this.#server;
    if (process === undefined || server === undefined) return ended();
    this.world.journal.note(`${process.name} drains`);
    this.#server = undefined;
    server.drain().then(() => {
      if (this.#process !== process) return;
      this.#process = undefined;
      this.world.left(process);
      process.kill();
      ended();
    });
  }

  publish(to: readonly number[], id: number): void {
    const { world } = this;
    const name = `direct-${id}`;
    this.#process?.enter(() => {
      this.#server?.publish(to.map(clientName), { id: name, secret }).then(
        (orders) => world.published(name, to, orders),
        (error) => scanForSecret(world.journal, error),
      );
    });
  }

  private get world(): World {
    return this.#world;
  }

  #event(process: SimProcess, app: ServerApp, event: ServerEvent): void {
    const { world } = this;
    const { journal } = world;
    const client = 'clientId' in event ? ` ${event.clientId}` : '';
    const code = 'code' in event ? ` ${event.code}` : '';
    journal.note(`${process.name}: ${event.type}${client}${code}`);
    const honest = !this.world.meddled;
    if (honest && event.type === 'session-closed' && dishonest.has(event.code)) {
      journal.violated('STOP', `${process.name} closed the session of ${event.clientId} with ${event.code}`);
    }
    if (event.type === 'session-opened') world.opened(event.clientId, event.hardening);
    if ('error' in event) scanForSecret(journal, event.error);
    if ('reason' in event) scanForSecret(journal, event.reason);
    // Where there is another server it may have had the client meanwhile; else the memory holds as long as it is told.
    const elsewhere = event.type === 'session-opened' && this.world.options.nodes > 1;
    if (elsewhere || event.type === 'rollback') app.forget(event.clientId);
  }
}
