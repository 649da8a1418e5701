import { type Client, connect, type Message, type Sent } from '@sealwire/client';
import { SimProcess } from '@sealwire/testing';
import type { ReceiptLine } from '../oracle/receipts.js';
import { scanForSecret } from '../oracle/scan.js';
import type { Work } from '../plan/plan.js';
import type { ClientApp } from './client-app.js';
import { type Answer, clientName, type Question, secret } from './payloads.js';

/** One process of a client: from `connect` to its end. */
export class ClientProcess {
  readonly process: SimProcess;
  readonly #app: ClientApp;
  readonly #line: ReceiptLine;
  readonly #open = new Set<string>();
  #client: Client | undefined;
  /** Messages that will have an effect, in order; -1 in the place of one that was not taken. */
  readonly #sent: number[] = [];
  #promises = 0;

  constructor(app: ClientApp, name: string) {
    this.#app = app;
    this.process = new SimProcess(name, app.world.clock);
    this.#line = app.receipts.begin();
    void this.#connect();
  }

  get client(): Client | undefined {
    return this.#client;
  }

  /** Promises that have not settled. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  get live(): boolean {
    return this.#client?.state.kind === 'live';
  }

  do(work: Work): void {
    const client = this.#client;
    if (client === undefined) return;
    if (work.kind === 'send') this.#send(client, work);
    if (work.kind === 'call') this.#call(client, work);
    if (work.kind === 'flush') this.#watch('flush', client.flush(), () => {});
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  async #connect(): Promise<void> {
    const { world, index, disk, network } = this.#app;
    const { process } = this;
    const { crypto, publicKey, privateKey } = world.cryptoOf(process);
    const random = world.random.fork(`back-off ${process.name}`);
    const { options } = world;
    world.journal.note(`${process.name} starts`);
    try {
      const client = await connect({
        dial: network.dialer(process),
        clientId: clientName(index),
        clientKey: privateKey(clientName(index)),
        serverKey: publicKey('server'),
        state: disk.open(process),
        crypto,
        scheduler: process.scheduler,
        random: () => random.next(),
        checkpoint: options.checkpoint,
        hardening: options.hardened ? 'require' : 'off',
        outbox: { maxMessages: options.maxOutbox },
        inbox: { maxMessages: options.maxInbox },
        reconnect: { first: options.backOff, max: 4 * options.backOff, slow: 2_000, stableAfter: 20_000 },
        dialTimeout: 3_000,
        connectTimeout: 20_000,
        onMessage: (message) => this.#receive(message),
        onState: (state) => {
          if (state.kind === 'live') this.#app.sends.live(state.lastSeenSequence, this.#app.current === this);
          else world.journal.note(`${process.name}: ${state.kind}`);
          if (state.kind === 'stopped') this.#app.stopped(this, state.error);
          if (state.kind === 'waiting') this.#app.waiting(this, state.cause);
        },
      });
      this.#client = client;
      // It may have stopped since: its listener could do nothing about it yet.
      if (client.state.kind === 'stopped') this.#app.stopped(this, client.state.error);
      else this.#app.connected(this);
    } catch (error) {
      scanForSecret(world.journal, error);
      this.#app.notConnected(this, error);
    }
  }

  /** After a stop with a gap. */
  acceptGap(client: Client): void {
    this.#app.receipts.choseOldest(this.#line);
    client.resumeFrom('oldest');
  }

  async #receive({ order, payload, possiblyHandled }: Message): Promise<void> {
    const { receipts, pace } = this.#app;
    const { id } = payload as { readonly id: string };
    receipts.handed(this.#line, order, id, possiblyHandled, this.#app.current === this);
    if (this.#app.struck()) await new Promise<never>(() => {});
    if (pace() > 0) await new Promise<void>((resolve) => this.process.later(pace(), resolve));
    receipts.finished(order);
  }

  #send(client: Client, { n, act, ms, times, to }: Extract<Work, { kind: 'send' }>): void {
    const { world, sends } = this.#app;
    world.journal.note(`${this.process.name} sends message ${n}`);
    if (act !== 'refuse') this.#sent.push(n);
    const payload = { n, act, ms, times, to: to.map(clientName), secret };
    const handedOver = (sent: Sent): void => {
      sends.handedOver(n, sent.sequence);
      this.#watch(`the outcome of message ${n}`, sent.outcome, ({ kind }) =>
        sends.settled(n, sent.sequence, kind, this.#app.alone),
      );
    };
    const place = this.#sent.lastIndexOf(n);
    const notTaken = (): void => {
      if (place >= 0) this.#sent[place] = -1;
    };
    this.#watch(`message ${n}`, client.send(payload), handedOver, notTaken);
  }

  #call(client: Client, { id, idempotent, ms }: Extract<Work, { kind: 'call' }>): void {
    const { world, requests } = this.#app;
    const before = this.#sent.length;
    world.journal.note(`${this.process.name} asks ${id}`);
    requests.made(id, idempotent);
    const question: Question = { id, ms, publishes: !idempotent, secret };
    this.#watch(`the answer to ${id}`, client.call<Answer>(question, { idempotent }), ({ last }) => {
      world.journal.note(`${this.process.name}: answer to ${id}: ${last}`);
      if (question.publishes) world.answered(clientName(this.#app.index), id);
      const after = this.#lastTaken(before);
      if (last < after) {
        world.journal.violated(
          'RPC',
          `request ${id} saw the effects up to ${last}, message ${after} was sent before it`,
        );
      }
    });
  }

  /** Of the first messages that were sent. */
  #lastTaken(count: number): number {
    for (let place = count - 1; place >= 0; place--) {
      const n = this.#sent[place] ?? -1;
      if (n >= 0) return n;
    }
    return -1;
  }

  #watch<T>(
    name: string,
    promise: Promise<T>,
    settled: (value: T) => void,
    rejected: () => void = () => {},
  ): void {
    const key = `${this.process.name}: ${name} (${++this.#promises})`;
    this.#open.add(key);
    promise.then(
      (value) => {
        this.#open.delete(key);
        settled(value);
      },
      (error) => {
        this.#open.delete(key);
        scanForSecret(this.#app.world.journal, error);
        this.#app.world.journal.note(`${key}: ${codeOf(error)}`);
        rejected();
      },
    );
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
