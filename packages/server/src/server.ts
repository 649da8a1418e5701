import type { ServerStore } from '@sealwire/store';
import type { Link, Listener } from '@sealwire/transport';
import { Admission } from './admission.js';
import { ClientKeys, sharedKeyError } from './client-keys.js';
import { Clients } from './clients.js';
import { Connection } from './connection.js';
import { Decoys } from './decoys.js';
import { type OpenDirectory, openDirectory } from './directory.js';
import { ServerError } from './errors.js';
import type { ServerEvent } from './events.js';
import { Gate } from './gate.js';
import { HardenedClients } from './hardened-clients.js';
import { KeyedBuckets } from './keyed-buckets.js';
import { Logins } from './login-rate.js';
import { checkNames } from './option-names.js';
import { duration, normalizeOptions, type ServeOptions, type Settings } from './options.js';
import { Overloads } from './overloads.js';
import { encodePayload } from './payload.js';
import { PoisonList } from './poison-list.js';
import { HandlerRunner } from './run-handler.js';
import { sessionOptions } from './session-options.js';
import type { Shared } from './shared.js';
import { Ticker } from './ticker.js';
import { type PublishOptions, readClientIds, readTimestamp } from './transaction.js';
import { Turns } from './turns.js';

export interface DrainOptions {
  /** Milliseconds that running handlers may take. Default 5,000. */
  readonly windowMs?: number;
  /** Milliseconds until everything is cut off. Default 10,000. */
  readonly deadlineMs?: number;
  /**
   * Close the sessions one after the other over the window, so that the other nodes are not stormed. Default false:
   * a single node closes all at once, because its clients can go nowhere else.
   */
  readonly spread?: boolean;
}

export interface Server<Outgoing = unknown> extends AsyncDisposable {
  /** Where to dial. */
  readonly urls: readonly string[];
  readonly sessions: { readonly count: number; readonly clientIds: readonly string[] };
  /** What the server remembers in; also where the application reads what it put. */
  readonly store: ServerStore;
  /**
   * Sends to one client or to many, connected or not; resolves with the ORDERs, id by id, when that is durable.
   *
   * @throws ServerError (as a rejection) `E_PAYLOAD`, `E_OPTION`, `E_CLOSED`; StoreError where the store did not keep it
   */
  publish(
    clientIds: string | readonly string[],
    payload: Outgoing,
    options?: PublishOptions,
  ): Promise<readonly bigint[]>;
  /**
   * Refuses a message instead of handling it, when the client sends it (again): the way out where a handler fails at
   * one message over and over. Kept in memory, the last one per client.
   *
   * @throws ServerError `E_OVERLOADED` beyond 1,000 clients, `E_OPTION` for what is no client id, SEQUENCE or reason
   */
  refuse(clientId: string, sequence: bigint, reason: string): void;
  /**
   * Stops accepting, lets running handlers finish, flushes, and sends all clients away with 1012 ("come back soon").
   * Resolves when all links are closed.
   */
  drain(options?: DrainOptions): Promise<void>;
  /** The same without waiting for handlers: what they do is not waited for and their signals are aborted. */
  close(): Promise<void>;
}

/**
 * Opens a server.
 *
 * @throws ServerError (as a rejection) `E_OPTION`, `E_DIRECTORY`; TransportError where it cannot listen
 */
export async function serve<Message = unknown, Request = unknown, Outgoing = unknown, Answer = unknown>(
  options: ServeOptions<Message, Request, Outgoing, Answer>,
): Promise<Server<Outgoing>> {
  const settings = normalizeOptions(options);
  const directory = await openDirectory(settings.clients, (source, error) =>
    report(settings, { type: 'directory-problem', source, error }),
  );
  const server = new RunningServer<Outgoing>(settings, directory);
  try {
    await server.listen();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

const drainOptions: Record<keyof DrainOptions, true> = { windowMs: true, deadlineMs: true, spread: true };

/** Clients with a message to be refused: there are few, or something else is wrong. */
const maxPoison = 1_000;

function itself<T>(value: T): T {
  return value;
}

/** A listener that throws must not stop the server, nor be silenced. */
function report(settings: Settings, event: ServerEvent): void {
  try {
    settings.onEvent(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

class RunningServer<Outgoing> implements Server<Outgoing> {
  readonly #settings: Settings;
  readonly #directory: OpenDirectory;
  readonly #shared: Shared;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<Connection>();
  #state: 'open' | 'draining' | 'closed' = 'open';
  #emptied: (() => void) | undefined;
  /** Nobody waits any longer for handlers whose sessions have ended. */
  #stopWaiting = () => {};
  #ending: Promise<void> | undefined;

  constructor(settings: Settings, directory: OpenDirectory) {
    const { limits, rateLimit, scheduler } = settings;
    const now = () => scheduler.now();
    const emit = (event: ServerEvent) => report(settings, event);
    let welcomes = 0;
    this.#settings = settings;
    this.#directory = directory;
    this.#shared = {
      settings,
      keys: new ClientKeys(directory.find, settings.crypto, {
        ...settings,
        maxCachedKeys: limits.maxCachedKeys,
        importsAtHellos: directory.importsEarly !== true,
        standIn: settings.serverKeys[0]?.publicKey.toPem() ?? '',
        serverKeys: settings.serverKeys.map(({ publicKey }) => publicKey.fingerprint),
      }),
      clients: new Clients(),
      admission: new Admission(limits, settings.failedHandshakes, now),
      logins: new Logins(settings.loginRate, limits.maxRememberedClients, now),
      frames:
        rateLimit &&
        new KeyedBuckets(
          { perSecond: rateLimit.framesPerSecond, burst: rateLimit.burst },
          limits.maxRememberedClients,
          now,
        ),
      rsa: new Gate(limits.maxRsaOperations, limits.maxRsaQueue),
      handlers: new HandlerRunner(settings.handlerTimeout, scheduler),
      ticker: new Ticker(scheduler),
      turns: new Turns(scheduler),
      overloads: new Overloads(scheduler, (limit, remoteAddress, count) =>
        emit({ type: 'overloaded', limit, remoteAddress, count }),
      ),
      poison: new PoisonList(maxPoison),
      decoys: new Decoys(settings.crypto, settings.decoySecret),
      readLimit: { count: limits.batchMessages, bytes: limits.batchBytes },
      sessionOptions: sessionOptions(settings),
      hardenedClients: new HardenedClients(limits.maxRememberedClients),
      emit,
      nextWelcome: () => ++welcomes,
    };
  }

  async listen(): Promise<void> {
    await this.#importKeys();
    for (const listen of this.#settings.listens) {
      this.#listeners.push(await listen((link) => this.#accept(link)));
    }
    this.#shared.emit({ type: 'listening', urls: this.urls });
  }

  async #importKeys(): Promise<void> {
    const { allowKeySharing, limits } = this.#settings;
    const ids = new Map<string, string>();
    let room = limits.maxCachedKeys;
    for (const clientId of this.#directory.ids?.() ?? []) {
      if (--room < 0) return;
      try {
        const { fingerprint } = (await this.#shared.keys.find(clientId))?.publicKey ?? {};
        if (fingerprint === undefined || allowKeySharing) continue;
        // Whose it is will be shown by a proof; that it is one of both is told now.
        const other = ids.get(fingerprint);
        if (other !== undefined) throw sharedKeyError(other);
        ids.set(fingerprint, clientId);
      } catch (error) {
        this.#shared.emit({ type: 'directory-problem', source: clientId, error: error as Error });
      }
    }
  }

  get urls(): readonly string[] {
    return this.#listeners.map(({ url }) => url);
  }

  get sessions(): { readonly count: number; readonly clientIds: readonly string[] } {
    const clientIds: string[] = [];
    for (const { clientId } of this.#connections) if (clientId !== undefined) clientIds.push(clientId);
    return { count: clientIds.length, clientIds };
  }

  get store(): ServerStore {
    return this.#settings.store;
  }

  publish(
    clientIds: string | readonly string[],
    payload: Outgoing,
    options?: PublishOptions,
  ): Promise<readonly bigint[]> {
    try {
      if (this.#state === 'closed') throw new ServerError('E_CLOSED', 'the server is closed: serve again');
      const { limits, scheduler, store } = this.#settings;
      const json = encodePayload(payload, limits.maxPayloadBytes);
      const timestamp = readTimestamp(options) ?? scheduler.wallSeconds();
      const ids = readClientIds(clientIds);
      const { flushed } = store.commit({ publishes: ids.map((clientId) => ({ clientId, json, timestamp })) });
      // A promise of its own: the store's counts as handled, and nobody would hear of a failure that is not awaited.
      return flushed.then(itself);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  refuse(clientId: string, sequence: bigint, reason: string): void {
    if (typeof clientId !== 'string' || typeof sequence !== 'bigint' || typeof reason !== 'string') {
      throw new ServerError('E_OPTION', 'refuse takes a client id, a SEQUENCE as a bigint, and a reason');
    }
    this.#shared.poison.add(clientId, sequence, reason);
  }

  async drain(options: DrainOptions = {}): Promise<void> {
    checkNames('drain', options, drainOptions);
    const windowMs = duration('windowMs', options.windowMs ?? 5_000);
    const deadlineMs = duration('deadlineMs', options.deadlineMs ?? 10_000);
    if (windowMs > deadlineMs) throw new ServerError('E_OPTION', 'windowMs is longer than deadlineMs');
    this.#ending ??= this.#drain(windowMs, deadlineMs, options.spread ?? false);
    await this.#ending;
  }

  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    const error = new ServerError('E_CLOSED', 'the server closes');
    const listening = this.#stopListening();
    for (const connection of [...this.#connections]) connection.sendAway(1012, error);
    this.#stopWaiting();
    // A drain that is under way ends now, because nothing is left for it to wait for.
    this.#ending ??= this.#finish(listening, Promise.resolve());
    await this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  #accept(link: Link): void {
    const { admission, overloads } = this.#shared;
    if (this.#state !== 'open') return turnAway(link, 1012);
    let connection: Connection | undefined;
    const entered = admission.enter(link.remoteAddress, (limit) => connection?.makeRoom(limit));
    if (typeof entered === 'string') {
      overloads.add(entered, link.remoteAddress);
      return turnAway(link, 1013);
    }
    connection = new Connection(this.#shared, link, entered, this.#gone);
    this.#connections.add(connection);
  }

  readonly #gone = (connection: Connection): void => {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#emptied?.();
  };

  async #drain(windowMs: number, deadlineMs: number, spread: boolean): Promise<void> {
    this.#state = 'draining';
    const { scheduler } = this.#settings;
    const connections = [...this.#connections];
    this.#shared.emit({ type: 'draining', sessions: this.sessions.count });
    const listening = this.#stopListening();
    const cancels = connections.map((connection, index) => {
      if (!spread) return void connection.retire();
      return scheduler.after((windowMs * index) / connections.length, () => void connection.retire());
    });
    const windowOver = new Promise<void>((resolve) => {
      this.#stopWaiting = resolve;
    });
    const cancelWindow = scheduler.after(windowMs, () => {
      this.#stopWaiting();
      for (const connection of connections) {
        connection.sendAway(1012, new ServerError('E_CLOSED', 'the server drains'));
      }
    });
    const cancelDeadline = scheduler.after(deadlineMs, () => {
      for (const connection of [...this.#connections]) connection.terminate();
    });
    await this.#finish(listening, Promise.race([this.#shared.clients.settled(), windowOver]));
    for (const cancel of [...cancels, cancelWindow, cancelDeadline]) cancel?.();
  }

  #stopListening(): Promise<unknown> {
    return Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  async #finish(listening: Promise<unknown>, handled: Promise<void>): Promise<void> {
    await Promise.all([listening, handled]);
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
    this.#state = 'closed';
    this.#shared.handlers.end();
    this.#shared.overloads.end();
    await this.#directory.close();
    if (this.#settings.ownsStore) await this.#settings.store.close();
    this.#shared.emit({ type: 'closed' });
  }
}

/** Nothing of such a link is looked at, and nobody waits for its peer to confirm: that would be a place in the line, too. */
function turnAway(link: Link, code: number): void {
  link.start({ frames() {}, text() {}, drain() {}, pong() {}, close() {} });
  link.close(code, '');
  link.terminate();
}
