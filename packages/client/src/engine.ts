import type { SessionHardening } from '@sealwire/session';
import type { SavedClient } from '@sealwire/store';
import type { Link } from '@sealwire/transport';
import { type CallOptions, Calls, callOptions } from './calls.js';
import type { Client } from './client.js';
import { Confirmer } from './confirmer.js';
import { connectTimedOut } from './connect-timeout.js';
import { Connection } from './connection.js';
import { type Deferred, deferred } from './deferred.js';
import { ClientError } from './errors.js';
import { Inbox } from './inbox.js';
import { Memory } from './memory.js';
import type { Message, MessageListener } from './message.js';
import { checkNames } from './option-names.js';
import { callable } from './option-values.js';
import { orderOf, type ResumePoint, readResumePoint, type Settings } from './options.js';
import { Outbox } from './outbox.js';
import type { Sent } from './outcome.js';
import { encodePayload } from './payload.js';
import { type AttemptEnd, endedAsAsked, failedDial } from './reconnect.js';
import { Retry } from './retry.js';
import { Route } from './route.js';
import { type ConnectionState, StateCell } from './state.js';
import { aborted, checkWait, limitWait, type WaitOptions, waitOptions } from './waiting.js';

const closeTimeout = 5_000;

/** The client: one loop that dials, lives and waits, and the parts that outlast each session. */
export class Engine<Receive, Send, Request, Answer> implements Client<Receive, Send, Request, Answer> {
  readonly #settings: Settings<Receive>;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox<Receive>;
  readonly #calls: Calls;
  readonly #confirmer: Confirmer;
  readonly #retry: Retry;
  readonly #memory: Memory;
  readonly #route: Route;
  readonly #state = new StateCell((cause) => this.#listenerThrew(cause));
  readonly #firstLive: Deferred<void> = deferred<void>();
  #wasLive = false;
  #running = false;
  #connection: Connection | undefined;
  /** The session is to end by our own will, and the next dial comes at once. */
  #redialing = false;
  #lastCause: ClientError | undefined;
  #allHandedOver: Deferred<void> | undefined;
  #closed: Promise<void> | undefined;

  static async start<Receive, Send, Request, Answer>(
    settings: Settings<Receive>,
  ): Promise<Client<Receive, Send, Request, Answer>> {
    let saved: SavedClient;
    try {
      saved = await settings.state.load();
    } catch (cause) {
      throw new ClientError('E_STORE', 'the client state cannot be loaded: see the cause', { cause });
    }
    const engine = new Engine<Receive, Send, Request, Answer>(settings, saved);
    await engine.#connect();
    return engine;
  }

  private constructor(settings: Settings<Receive>, saved: SavedClient) {
    this.#settings = settings;
    const { state, scheduler, crypto } = settings;
    const stop = (error: ClientError): void => this.#stop(error);
    const changed = (): void => this.#changed();
    this.#outbox = new Outbox(saved, state, settings.outbox, changed, stop);
    this.#calls = new Calls(settings.calls, settings.numbers, scheduler, crypto.randomBytes, changed);
    this.#inbox = new Inbox(saved, state, settings.inbox, settings, {
      relieved: changed,
      failed: stop,
      doubted: (error) => this.#connection?.refuse(error),
    });
    this.#confirmer = new Confirmer(settings.checkpoint, this.#outbox, this.#calls, scheduler, {
      redial: () => this.#redial(),
      stop,
    });
    this.#memory = new Memory(saved.pin, settings, stop);
    this.#route = new Route(settings, this.#memory);
    this.#retry = new Retry(settings);
    if (settings.onState !== undefined) this.#state.listen(settings.onState);
    if (settings.onMessage !== undefined) this.#inbox.listen(settings.onMessage);
  }

  get state(): ConnectionState {
    return this.#state.current;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#state.listen(callable('onState', listener));
  }

  async send(payload: Send): Promise<Sent> {
    const json = encodePayload(payload, this.#settings.maxPayloadBytes);
    this.#state.assertOpen();
    return this.#outbox.add(json);
  }

  async call<Reply extends Answer = Answer>(
    payload: Request,
    options: CallOptions<Reply> = {},
  ): Promise<Reply> {
    checkNames('call', options, callOptions);
    checkWait(options);
    const json = encodePayload(payload, this.#settings.maxPayloadBytes);
    this.#state.assertOpen();
    return this.#calls.call(json, this.#outbox.endIndex, options);
  }

  messages(): AsyncIterableIterator<Message<Receive>> {
    return this.#inbox.iterate();
  }

  onMessage(listener: MessageListener<Receive>): void {
    this.#inbox.listen(callable('onMessage', listener));
  }

  async flush(options: WaitOptions = {}): Promise<void> {
    checkNames('flush', options, waitOptions);
    checkWait(options);
    this.#state.assertOpen();
    const done = this.#outbox.flushed();
    const release = limitWait(options, this.#settings.scheduler, 'not every outcome came', (error) => {
      this.#outbox.abandonFlush(done);
      done.reject(error);
    });
    this.#confirmer.consider();
    try {
      await done.promise;
    } finally {
      release();
    }
  }

  resumeFrom(point: Exclude<ResumePoint, 'saved'>): void {
    const order = orderOf(readResumePoint(point));
    if (order === undefined || !this.#state.resumable) {
      throw new ClientError(
        'E_STATE',
        'resumeFrom is for a client that stopped with E_HISTORY_GONE or E_AHEAD',
      );
    }
    this.#state.change({ kind: 'connecting', attempt: 1 });
    this.#inbox.resumeFrom(order).then(
      () => this.#run(),
      (error: ClientError) => this.#stop(error),
    );
  }

  reconnect(): void {
    if (this.#connection !== undefined) {
      this.#redialing = true;
      this.#connection.cut();
    }
    this.#retry.endWait();
  }

  close(options: { readonly timeout?: number } = {}): Promise<void> {
    checkNames('close', options, { timeout: true });
    checkWait(options);
    this.#closed ??= this.#close(options.timeout ?? closeTimeout);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Until the first live session. */
  async #connect(): Promise<void> {
    const { signal, scheduler, connectTimeout } = this.#settings;
    const order = orderOf(this.#settings.resumeFrom);
    if (order !== undefined) await this.#inbox.resumeFrom(order);
    if (signal?.aborted === true) throw aborted(signal);
    const release = limitWait(
      { timeout: connectTimeout, ...(signal && { signal }) },
      scheduler,
      '',
      (error) =>
        this.#stop(error.code === 'E_TIMEOUT' ? connectTimedOut(connectTimeout, this.#lastCause) : error),
    );
    void this.#run();
    await this.#firstLive.promise.finally(release);
  }

  /** Dials, lives, waits, and again. Nothing in it rejects. */
  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let attempt = 1; this.#state.active; ) {
      this.#state.change({ kind: 'connecting', attempt });
      const end = await this.#attempt();
      const planned = this.#redialing && endedAsAsked(end);
      this.#redialing = false;
      this.#calls.disconnected(!planned);
      this.#confirmer.lost(end);
      if (!this.#state.active) break;
      attempt = end.phase === 'live' ? 1 : attempt + 1;
      if (planned) this.#retry.ended(end);
      else await this.#recover(end, attempt);
    }
    this.#running = false;
  }

  async #attempt(): Promise<AttemptEnd> {
    let link: Link | undefined;
    this.#retry.begin();
    try {
      link = await this.#route.dial();
      this.#connection = this.#open(link);
    } catch (error) {
      link?.terminate();
      return failedDial(error, this.#route.believes(error, !this.#wasLive));
    }
    const connection = this.#connection;
    this.#route.opened(connection.protectedLink);
    // The client may have ended between the dial and now.
    if (!this.#state.active) connection.cut();
    const end = await connection.ended;
    this.#connection = undefined;
    return end;
  }

  #open(link: Link): Connection {
    return new Connection(
      link,
      this.#route.serverKey,
      this.#settings,
      { inbox: this.#inbox, outbox: this.#outbox, calls: this.#calls, memory: this.#memory },
      {
        welcomed: (...told) => this.#confirmer.welcomed(...told),
        proved: () => this.#retry.proved(),
        live: (...told) => this.#live(...told),
        probe: () => this.#confirmer.probe(),
        messagesLeft: () => {
          this.#confirmer.handedOver();
          this.#changed();
        },
        failed: (error) => this.#stop(error),
      },
    );
  }

  #live(lastSeenSequence: bigint, hardening: SessionHardening): void {
    const { scheduler, layout } = this.#settings;
    if (!this.#state.active) return;
    this.#wasLive = true;
    this.#calls.connected();
    this.#state.change({ kind: 'live', since: scheduler.now(), lastSeenSequence, layout, hardening });
    this.#firstLive.resolve();
    this.#confirmer.live();
    // Calls were held until now.
    this.#changed();
  }

  async #recover(end: AttemptEnd, attempt: number): Promise<void> {
    this.#route.turn(end.phase);
    const verdict = this.#retry.next(end, {
      unconfirmed: this.#outbox.unconfirmedSequence,
      received: this.#inbox.received,
      first: !this.#wasLive,
    });
    if (verdict.kind === 'stop') return this.#stop(verdict.error);
    this.#lastCause = verdict.cause;
    const over = this.#retry.wait(verdict.delay);
    this.#state.change({ kind: 'waiting', attempt, retryInMs: verdict.delay, cause: verdict.cause });
    await over;
  }

  /** Ends the session as soon as no call is in flight, and dials again at once. */
  #redial(): void {
    if (this.#redialing || this.#connection === undefined) return;
    this.#redialing = true;
    this.#calls.hold();
    if (this.#calls.inFlight === 0) this.#connection.close();
  }

  /** Something moved: there may be something to send, to read, to ask or to end. */
  #changed(): void {
    const connection = this.#connection;
    if (connection !== undefined) {
      connection.wake();
      if (this.#redialing && this.#calls.inFlight === 0) connection.close();
      else if (this.#inbox.wantsAgain) this.#redial();
    }
    this.#confirmer.consider();
    if (!this.#outbox.unsent) this.#allHandedOver?.resolve();
  }

  async #close(timeout: number): Promise<void> {
    const wasLive = this.#state.current.kind === 'live';
    const connection = this.#connection;
    this.#state.change({ kind: 'closing' });
    // Whoever closes within a handler expects no other message; what waits comes again.
    this.#inbox.end();
    connection?.wake();
    if (connection !== undefined && wasLive) {
      const time = deferred<void>();
      const cancel = this.#settings.scheduler.after(timeout, () => time.resolve());
      await Promise.race([this.#handedOver(), connection.ended, time.promise]);
      connection.close();
      await Promise.race([connection.ended, time.promise]);
      cancel();
    }
    connection?.cut();
    this.#route.abort();
    this.#retry.endWait();
    this.#settle(new ClientError('E_CLOSED', 'the client is closed'));
    await this.#inbox.settled();
    this.#state.change({ kind: 'closed' });
  }

  async #handedOver(): Promise<void> {
    if (!this.#outbox.unsent) return;
    this.#allHandedOver = deferred<void>();
    await this.#allHandedOver.promise;
  }

  /** Visible and final, but for `resumeFrom`. */
  #stop(error: ClientError): void {
    if (!this.#state.active) return;
    this.#state.change({ kind: 'stopped', error }, () => {
      this.#firstLive.reject(error);
      this.#connection?.cut();
      this.#route.abort();
      this.#retry.endWait();
      this.#calls.end();
      this.#inbox.end(error);
      // Whoever may still choose to go on keeps what waits to be sent, with its promises.
      if (!this.#state.resumable) this.#outbox.end(error);
    });
  }

  #settle(error: ClientError): void {
    this.#firstLive.reject(error);
    this.#calls.end();
    this.#outbox.end(error);
    this.#inbox.end();
  }

  /** A bug of the application stops the client, as a throwing message handler does; where that is too late it is no less loud. */
  #listenerThrew(cause: unknown): void {
    if (this.#state.active) this.#stop(new ClientError('E_HANDLER', 'a state listener threw', { cause }));
    else
      queueMicrotask(() => {
        throw cause;
      });
  }
}
