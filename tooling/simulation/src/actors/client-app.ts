import type { Client, ClientError } from '@sealwire/client';
import { ClientDisk, SimNetwork } from '@sealwire/testing';
import { Receipts } from '../oracle/receipts.js';
import type { RequestLedger } from '../oracle/requests.js';
import { scanForSecret } from '../oracle/scan.js';
import { Sends } from '../oracle/sends.js';
import type { Work } from '../plan/plan.js';
import type { World } from '../world/world.js';
import { ClientProcess } from './client-process.js';
import { clientName } from './payloads.js';

/** Stops that the faults of a world explain. */
const explained = {
  takeover: new Set(['E_TAKEN_OVER', 'E_STORE', 'E_DESYNC']),
  disk: new Set(['E_STORE']),
} as const;

/** One client of the world, over all of its processes: what it has to do, its disk and its network. */
export class ClientApp {
  readonly world: World;
  readonly index: number;
  readonly disk: ClientDisk;
  readonly network: SimNetwork;
  readonly receipts: Receipts;
  readonly sends: Sends;
  /** How long the handler of a message takes. */
  pace: () => number = () => 0;
  /** Until then the server may seem silent. */
  disturbedUntil = 0;
  #processes: ClientProcess[] = [];
  #current: ClientProcess | undefined;
  #starts = 0;
  #todo: Work[] = [];
  #diskFailed = false;
  #closing = false;
  #rivalry = false;
  #ambush: (() => void) | undefined;

  constructor(world: World, index: number) {
    const { clock, journal, effects, database, options } = world;
    const name = clientName(index);
    const random = world.random.fork(name);
    this.world = world;
    this.index = index;
    this.disk = new ClientDisk(clock, random.fork('disk'), options.clientDisk, 10_000);
    this.network = new SimNetwork(clock, random.fork('network'), options.network, world.listeners);
    // What only hardening protects is put to the test.
    this.network.exposed = options.hardened;
    this.network.onFooled = (by) => journal.violated('REPLAY', `a recorded ${by} of ${name} was believed`);
    this.network.onForgotten = (server, lostAt) => {
      // In the middle of a handshake a server waits for its store first, and for the proof after that.
      if (lostAt > world.partitionedUntil)
        journal.violated('I8', `${server.name} keeps the link of a machine that is gone`);
    };
    this.receipts = new Receipts(name, journal, effects, database);
    // A hardened server says that it knows Checkpoint.
    const tellsOutcomes = options.checkpoint || options.hardened;
    this.sends = new Sends(
      name,
      journal,
      effects,
      tellsOutcomes,
      () => this.disk.saved,
      () => database.refusals(name, -1n).removedUpTo,
    );
  }

  get requests(): RequestLedger {
    return this.world.requests;
  }

  /** The process that owns the state. */
  get current(): ClientProcess | undefined {
    return this.#current;
  }

  /** Has only one process at a time used the client id? */
  get alone(): boolean {
    return !this.#rivalry;
  }

  get processes(): readonly ClientProcess[] {
    return this.#processes;
  }

  /** All is done and nothing is awaited. */
  get idle(): boolean {
    const { current } = this;
    return (
      this.#processes.length === 1 &&
      this.network.open === 1 &&
      !this.network.leadsNowhere &&
      current?.live === true &&
      current.open.size === 0 &&
      this.#todo.length === 0 &&
      this.receipts.complete &&
      this.disk.saved.outbox.length === 0
    );
  }

  start(): void {
    if (this.#current === undefined && !this.world.over) this.#begin();
  }

  /** A second process opens the state while the first one lives on. */
  takeOver(): void {
    if (this.#current?.client === undefined) return;
    this.#rivalry = true;
    this.#begin();
  }

  do(work: Work): void {
    this.#todo.push(work);
    if (this.#current?.client !== undefined) this.#doAll();
  }

  /** kill -9 of all its processes. */
  crash(silent: boolean): void {
    for (const { process } of this.#processes) {
      this.world.journal.note(`${process.name} is killed`);
      process.kill();
      this.network.lose(process, silent);
    }
    this.#processes = [];
    this.#current = undefined;
    this.disk.disk.crash();
  }

  /** Has this happen while the next message is handled; undefined: nothing. */
  ambush(strike: (() => void) | undefined): void {
    this.#ambush = strike;
  }

  /** Has a message been handed over that is never handled? */
  struck(): boolean {
    const strike = this.#ambush;
    this.#ambush = undefined;
    if (strike !== undefined) this.world.clock.after(0, strike);
    return strike !== undefined;
  }

  /** Closes politely; `ended` when the process is gone. */
  close(ended: () => void): void {
    const { current } = this;
    if (current?.client === undefined || this.#closing) return ended();
    this.#closing = true;
    this.world.journal.note(`${current.process.name} closes`);
    const over = (): void => {
      this.#closing = false;
      this.#end(current);
      ended();
    };
    current.close().then(() => this.world.clock.after(0, over));
    current.process.onKill(() => {
      this.#closing = false;
    });
  }

  reconnect(): void {
    const { current } = this;
    current?.process.enter(() => current.client?.reconnect());
  }

  /** Asks for the outcomes that nobody else will ask for. */
  push(): void {
    this.#doAll();
    const { current } = this;
    if (current === undefined || [...current.open].some((name) => name.includes('flush'))) return;
    if (this.disk.saved.outbox.length > 0)
      current.process.enter(() => current.do({ at: 0, kind: 'flush', client: this.index }));
  }

  /** What is awaited. */
  describe(): string {
    const { current } = this;
    return [
      `${clientName(this.index)} ${current?.client?.state.kind ?? 'not connected'}`,
      `${this.#processes.length} processes`,
      `${this.network.open} links`,
      `${this.#todo.length} to do`,
      `${this.disk.saved.outbox.length} in the outbox`,
      `handled up to ORDER ${this.receipts.handled}`,
      ...[...(current?.open ?? [])].slice(0, 5),
    ].join(', ');
  }

  failDisk(): void {
    this.#diskFailed = true;
    this.disk.disk.failNext(1);
  }

  /** There is no link just now. */
  waiting(process: ClientProcess, cause: ClientError): void {
    const { clock, journal } = this.world;
    scanForSecret(journal, cause);
    const silent = cause.cause instanceof Error && 'code' in cause.cause && cause.cause.code === 'E_SILENT';
    // An attacker who keeps all but heartbeats back goes on until the client leaves, also when the faults have ended.
    const explained = clock.now <= this.disturbedUntil || this.world.mayWaitForFlush(clientName(this.index));
    if (silent && !explained && !this.world.meddled) {
      journal.violated('I8', `${process.process.name} took a server for silent that was not`);
    }
    // A proof of its own that comes late takes nothing from the session that is newer.
    if (cause.closeCode === 4000 && this.alone && !this.world.meddled) {
      journal.violated('I6', `${process.process.name} was replaced, and nobody else uses its client id`);
    }
  }

  connected(process: ClientProcess): void {
    if (process === this.current) this.#doAll();
  }

  /** `connect` rejected; a `stopped` came before. */
  notConnected(process: ClientProcess, error: unknown): void {
    this.world.journal.note(`${process.process.name} did not connect: ${(error as ClientError).code}`);
    this.#restart(process);
  }

  stopped(process: ClientProcess, error: ClientError): void {
    const { journal } = this.world;
    scanForSecret(journal, error);
    journal.note(`${process.process.name} stopped: ${error.code}`);
    const { client } = process;
    if (error.code === 'E_HISTORY_GONE') {
      const { removedUpTo } = this.world.database.record(clientName(this.index));
      if (process === this.current && removedUpTo <= this.disk.saved.savedOrder) {
        journal.violated('STOP', `${process.process.name} was told of a gap, and nothing is gone`);
      }
      if (client !== undefined) return this.#acceptGap(process, client);
    }
    if (!this.#isExplained(process, error)) {
      journal.violated(
        'STOP',
        `${process.process.name} stopped with ${error.code}: ${error.message} (${String(error.cause)})`,
      );
    }
    if (client !== undefined)
      client.close().then(() => this.world.clock.after(0, () => this.#restart(process)));
  }

  #isExplained(process: ClientProcess, { code }: ClientError): boolean {
    if (process !== this.current && explained.takeover.has(code)) return true;
    // Two processes of one id may take the session from each other more than once.
    if (this.#rivalry && code === 'E_TAKEN_OVER') return true;
    if (this.#diskFailed && explained.disk.has(code)) return true;
    return code === 'E_CONNECT_TIMEOUT' || code === 'E_HISTORY_GONE';
  }

  #acceptGap(process: ClientProcess, client: Client): void {
    // A state listener must return before it acts on what it was told.
    queueMicrotask(() => process.acceptGap(client));
  }

  #restart(process: ClientProcess): void {
    const wasCurrent = process === this.current;
    this.#end(process);
    if (wasCurrent) this.world.clock.after(300, () => this.start());
  }

  #end(ended: ClientProcess): void {
    if (!ended.process.alive) return;
    this.#processes = this.#processes.filter((process) => process !== ended);
    if (this.#current === ended) this.#current = undefined;
    if (ended.open.size > 0) {
      this.world.journal.violated('I7', `closed, and not settled: ${[...ended.open].join(', ')}`);
    }
    this.world.left(ended.process);
    ended.process.kill();
  }

  #doAll(): void {
    const { current } = this;
    current?.process.enter(() => {
      if (current.client === undefined || this.#closing) return;
      for (const work of this.#todo.splice(0)) current.do(work);
    });
  }

  #begin(): void {
    const begun = new ClientProcess(this, `${clientName(this.index)}.${this.#starts++}`);
    this.#current = begun;
    this.#processes.push(begun);
  }
}
