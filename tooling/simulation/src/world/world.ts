import type { KeyPair } from '@sealwire/crypto';
import type { SessionHardening } from '@sealwire/session';
import {
  type Listeners,
  type Random,
  SimClock,
  type SimCrypto,
  SimDatabase,
  type SimNetwork,
  type SimProcess,
  seededRandom,
  stubCrypto,
} from '@sealwire/testing';
import { ClientApp } from '../actors/client-app.js';
import { clientName } from '../actors/payloads.js';
import type { Outside } from '../actors/server-app.js';
import { ServerNode } from '../actors/server-node.js';
import { RealWork, realCrypto } from '../crypto/real-crypto.js';
import { Effects } from '../oracle/effects.js';
import { Journal } from '../oracle/journal.js';
import { RequestLedger } from '../oracle/requests.js';
import type { Plan, WorldOptions } from '../plan/plan.js';

/** Everything that one run consists of. */
export class World implements Outside {
  readonly options: WorldOptions;
  readonly random: Random;
  readonly clock = new SimClock();
  readonly listeners: Listeners = new Set();
  readonly failures = new Map<string, number>();
  readonly journal: Journal;
  readonly effects: Effects;
  readonly requests: RequestLedger;
  readonly database: SimDatabase;
  readonly clients: readonly ClientApp[];
  readonly servers: readonly ServerNode[];
  readonly #running = new Map<string, { readonly server: SimProcess; readonly since: number }>();
  calm = false;
  /** Somebody on the way has altered something: either end may look dishonest to the other. */
  meddled = false;
  /** Until then a server may not reach the store. */
  partitionedUntil = Number.NEGATIVE_INFINITY;
  /** A flush may have failed, and what waited for it may just have ended. */
  flushFailed = false;
  /** Until then a flush may take longer than a client waits. */
  crawlsUntil = Number.NEGATIVE_INFINITY;
  /** Nobody starts any more. */
  over = false;

  readonly realWork = new RealWork();
  readonly #keys: ReadonlyMap<string, KeyPair> | undefined;

  /** @param keys where the cryptography is to be real */
  constructor({ seed, world }: Plan, keepsLines: boolean, keys?: ReadonlyMap<string, KeyPair>) {
    this.#keys = keys;
    this.options = world;
    this.random = seededRandom(`run ${seed}`);
    this.journal = new Journal(this.clock, keepsLines);
    this.effects = new Effects(this.journal);
    this.requests = new RequestLedger(this.journal);
    this.database = new SimDatabase(
      this.clock,
      this.random.fork('database'),
      {
        pace: world.serverDisk,
        maxEntries: world.maxEntries,
        maxRefusals: world.maxRefusals,
        orderStep: world.orderStep,
        exclusive: world.nodes === 1,
      },
      this.effects,
    );
    this.servers = Array.from({ length: world.nodes }, (_, index) => new ServerNode(this, index));
    this.clients = Array.from({ length: world.clients }, (_, index) => new ClientApp(this, index));
  }

  get networks(): readonly SimNetwork[] {
    return this.clients.map(({ network }) => network);
  }

  cryptoOf(process: SimProcess): SimCrypto {
    const random = this.random.fork(`crypto ${process.name}`);
    if (this.#keys === undefined) return stubCrypto(process, random, this.options.rsa);
    return realCrypto(process, random, this.options.rsa, this.#keys, this.realWork);
  }

  asked(clientId: string, id: number): void {
    this.requests.asked(clientId, id);
  }

  /**
   * A handshake waits for what the client's own sessions have staged, and with several servers for a flush of its own. For
   * nothing else, however long flushes take.
   */
  mayWaitForFlush(clientId: string): boolean {
    if (this.clock.now > this.crawlsUntil) return false;
    const recently = this.clock.now - 6_000;
    return (
      this.options.nodes > 1 ||
      this.flushFailed ||
      this.database.waits(clientId) ||
      this.effects.of(clientId).keptAt > recently
    );
  }

  /** A client has signed: its pin is on its disk by then, for the sake of whoever uses that disk next. */
  opened(clientId: string, hardening: SessionHardening): void {
    const client = this.clients.find(({ index }) => clientName(index) === clientId);
    const pinned = client?.disk.saved.pin !== undefined;
    if (pinned !== (hardening === 'hardened')) {
      this.journal.violated(
        'PIN',
        `a session of ${clientId} is ${hardening}, its pin is ${pinned ? '' : 'not '}kept`,
      );
    }
  }

  /** `publish` resolved. */
  published(id: string, to: readonly number[], orders: readonly bigint[]): void {
    to.forEach((client, index) => {
      if (!this.effects.holds(clientName(client), id, orders[index])) {
        this.journal.violated('I3', `${id} was published to ${clientName(client)} and is not on the disk`);
      }
    });
  }

  /** The answer to a request that publishes has come. */
  answered(clientId: string, id: number): void {
    if (!this.effects.of(clientId).ids.has(`answer-${id}`)) {
      this.journal.violated(
        'I3',
        `request ${id} of ${clientId} was answered, and its work is not on the disk`,
      );
    }
  }

  /** Handlers of one client never overlap, but for one whose time is over. */
  entered(server: SimProcess, clientId: string): () => void {
    const running = this.#running.get(clientId);
    const late = this.clock.now - this.options.handlerTimeout;
    if (running !== undefined && running.server === server && running.since > late) {
      this.journal.violated('I2', `${clientId}: a handler starts while another one runs`);
    }
    const entry = { server, since: this.clock.now };
    this.#running.set(clientId, entry);
    return () => {
      if (this.#running.get(clientId) === entry) this.#running.delete(clientId);
    };
  }

  /** A process has come to its end by itself: nothing of it may be left. */
  left(process: SimProcess): void {
    for (const network of this.networks) network.lose(process, false);
    if ((this.database.watching.get(process) ?? 0) > 0) {
      this.journal.violated('I8', `${process.name} ended and still watches the store`);
    }
    // A handler whose session had ended before may still be on its way to its timeout.
    this.clock.after(this.options.handlerTimeout, () => {
      if (process.timers > 0)
        this.journal.violated('I8', `${process.name} ended and left ${process.timers} timers`);
    });
  }
}
