import type { ServerSession } from '@sealwire/session';
import type { LogEntry } from '@sealwire/store';
import type { Link } from '@sealwire/transport';
import { Answers } from './answers.js';
import type { Client } from './clients.js';
import { Delivery, type DeliveryPort } from './delivery.js';
import { ServerError } from './errors.js';
import { FrameRate } from './frame-rate.js';
import { MessageHandler } from './message-handler.js';
import { type Flush, MessageLine, type MessageLinePort, type ReceivedMessage } from './message-line.js';
import { type Gauge, Pressure, type PressurePort } from './pressure.js';
import { RequestHandler } from './request-handler.js';
import { type ReceivedRequest, RequestPool, type RequestPoolPort } from './requests.js';
import type { HandlerOutcome } from './run-handler.js';
import { type SessionCommits, storeCode } from './session-commits.js';
import type { SessionContext } from './session-context.js';
import type { Shared } from './shared.js';
import { StagedTransaction } from './transaction.js';

export interface LiveSessionPort {
  /** A close without an ERROR; a no-op once the session has ended. */
  sendAway(code: number, error: Error): void;
}

export interface LiveSessionOptions {
  readonly clientId: string;
  readonly client: Client;
  readonly lastSeenOrder: bigint;
  readonly commits: SessionCommits;
  readonly session: ServerSession;
  readonly link: Link;
}

/**
 * What a client does once it has proved who it is: messages, requests, and the cursor on its log. It is itself the port of
 * its parts, because a function for each of their calls would take more memory than all else of an idle session.
 */
export class LiveSession
  implements SessionContext, DeliveryPort, MessageLinePort, PressurePort, RequestPoolPort
{
  readonly shared: Shared;
  readonly clientId: string;
  readonly client: Client;
  readonly commits: SessionCommits;
  readonly pressure: Pressure;
  readonly #rate: FrameRate | undefined;
  readonly #link: Link;
  readonly #session: ServerSession;
  readonly #port: LiveSessionPort;
  readonly #abort = new AbortController();
  /** Of the handlers that run; made at the first one. */
  #transactions: Set<StagedTransaction> | undefined;
  readonly #messageHandler = new MessageHandler(this);
  readonly #requestHandler = new RequestHandler(this);
  readonly #line = new MessageLine(this);
  readonly #requests = new RequestPool(this);
  readonly #answers: Answers;
  readonly #delivery: Delivery;
  #layoutKnown = false;
  #stopped = false;

  constructor(shared: Shared, options: LiveSessionOptions, port: LiveSessionPort) {
    const { limits, store } = shared.settings;
    const { clientId, session, link } = options;
    this.shared = shared;
    this.clientId = clientId;
    this.client = options.client;
    this.client.requests = this.#requests;
    this.commits = options.commits;
    this.#link = link;
    this.#session = session;
    this.#port = port;
    this.pressure = new Pressure(limits, this);
    this.#rate = this.#frameRate();
    this.#answers = new Answers(session, this, this.pressure, limits.batchBytes);
    this.#delivery = new Delivery(
      store,
      clientId,
      options.lastSeenOrder,
      shared.readLimit,
      shared.turns,
      this,
    );
  }

  get pausing(): Link['pausing'] {
    return this.#link.pausing;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The client sent too much and the end was decided: nobody looks at what comes. */
  get closing(): boolean {
    return this.#rate?.closing === true;
  }

  tick(): void {
    this.#rate?.tick();
  }

  message(sequence: bigint, json: Uint8Array): void {
    this.#admit(json.length, () => this.#line.push({ sequence, json }));
  }

  request(requestId: bigint, json: Uint8Array): void {
    this.#admit(json.length, () => this.#requests.push({ requestId, json, barrier: this.#line.barrier() }));
  }

  /** Messages may be sent from here on. */
  layoutKnown(): void {
    this.#layoutKnown = true;
    this.published();
  }

  /** Counts what has come in and is not done with; negative when it is. */
  hold(count: number, bytes: number): void {
    this.pressure.change('pendingMessages', count);
    this.pressure.change('pendingBytes', bytes);
  }

  /** The log has grown. */
  published(): void {
    if (this.#layoutKnown) this.#delivery.wake();
  }

  /** The link may have room again. */
  drained(): void {
    this.#answers.wake();
    this.#requests.wake();
    this.published();
  }

  /** No handler starts any more; those that run go on, and what they do is kept. */
  stop(): void {
    this.#stopped = true;
    this.#rate?.stop();
    this.#line.stop();
    this.#requests.stop();
  }

  /** The session is over: nothing more is sent. */
  end(): void {
    this.stop();
    this.#delivery.stop();
  }

  /** Nothing that still runs will be kept. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
    for (const transaction of this.#transactions ?? []) transaction.abort(reason);
  }

  begin(): StagedTransaction {
    const { limits, scheduler } = this.shared.settings;
    const transaction = new StagedTransaction({
      clientId: this.clientId,
      maxPayloadBytes: limits.maxPayloadBytes,
      wallSeconds: () => scheduler.wallSeconds(),
    });
    if (this.signal.aborted) transaction.abort(this.signal.reason);
    this.#transactions ??= new Set();
    this.#transactions.add(transaction);
    return transaction;
  }

  finish(transaction: StagedTransaction, outcome: HandlerOutcome): void {
    this.#transactions?.delete(transaction);
    // One whose time is over goes on running, and hears of it.
    if (!outcome.ok) transaction.abort(outcome.error);
    transaction.end();
  }

  fail(code: number, text: string, error: Error): void {
    this.#session.fail(code, text, error);
  }

  notKept(error: unknown): void {
    this.shared.emit({ type: 'rollback', clientId: this.clientId, error: asError(error) });
  }

  commitFailed(cause: unknown): void {
    this.stop();
    // Even where the signal had aborted: nobody can see whether that was before the handler looked at it last.
    this.notKept(cause);
    if (storeCode(cause) === 'E_FENCED') {
      const error = new ServerError('E_REPLACED', 'a newer session fenced this one', { cause });
      return this.fail(4000, '4000 the client id connected again', error);
    }
    this.#port.sendAway(1013, new ServerError('E_STORE', 'a commit was not kept', { cause }));
  }

  /** After `stop`: resolves when what runs is done and flushed, and its answers are on their way. */
  async settled(): Promise<void> {
    await Promise.all([this.#line.settled(), this.#requests.settled()]);
  }

  hasRoom(): boolean {
    return this.#link.bufferedBytes <= this.shared.settings.limits.maxBufferedBytes;
  }

  /** Answers do not wait for pongs: where too many wait we stop reading, and would read no pong either. */
  takesMessages(): boolean {
    return this.hasRoom() && this.#session.hasRoom;
  }

  send(entries: readonly LogEntry[]): void {
    for (const { order, timestamp, json } of entries) this.#session.sendMessage(order, timestamp, json);
    this.#session.flush();
  }

  historyGone(removedUpTo: bigint): void {
    const text = `4100 history up to ORDER ${removedUpTo} is gone`;
    this.fail(4100, text, new ServerError('E_HISTORY_GONE', text));
  }

  aheadOfServer(head: bigint): void {
    const text = `4101 LAST SEEN ORDER is ahead of the server, whose last is ${head}`;
    this.fail(4101, text, new ServerError('E_ORDER_AHEAD', text));
  }

  failed(cause: unknown): void {
    this.shared.emit({ type: 'store-failed', clientId: this.clientId, error: asError(cause) });
    this.#port.sendAway(1013, new ServerError('E_STORE', 'the log cannot be read', { cause }));
  }

  overflow(gauge: Gauge): void {
    const error = new ServerError('E_OVERLOADED', `too much came in at once (${gauge})`);
    this.#port.sendAway(1013, error);
  }

  handle(message: ReceivedMessage): Promise<Flush> {
    return this.#messageHandler.handle(message);
  }

  handled({ json }: ReceivedMessage): void {
    this.hold(-1, -json.length);
  }

  mayStart(): boolean {
    const { maxRunningRequests } = this.shared.settings.limits;
    return this.client.running < maxRunningRequests && !this.pressure.full('answerBytes');
  }

  started({ json }: ReceivedRequest): void {
    this.client.running += 1;
    this.pressure.change('runningRequests', 1);
    this.hold(-1, -json.length);
  }

  async answer(request: ReceivedRequest): Promise<void> {
    const answer = await this.#requestHandler.answer(request);
    if (answer !== undefined) this.#answers.send(request.requestId, answer);
  }

  answered(): void {
    this.pressure.change('runningRequests', -1);
    this.client.running -= 1;
    this.client.requests?.wake();
  }

  #admit(bytes: number, handOn: () => void): void {
    this.hold(1, bytes);
    if (this.#rate === undefined) handOn();
    else if (!this.#rate.admit(handOn)) this.hold(-1, -bytes);
  }

  #frameRate(): FrameRate | undefined {
    const { rateLimit, scheduler } = this.shared.settings;
    const bucket = this.shared.frames?.use(this.clientId);
    if (rateLimit === undefined || bucket === undefined) return undefined;
    const { clientId, pressure } = this;
    const { pausing, remoteAddress } = this.#link;
    const { framesPerSecond, onExceeded } = rateLimit;
    return new FrameRate(bucket, scheduler, {
      pausable: pausing !== undefined,
      decide: (times) => {
        this.shared.emit({ type: 'rate-exceeded', clientId, times, remoteAddress });
        return typeof onExceeded === 'string' ? onExceeded : onExceeded({ clientId, times });
      },
      pause: () => pressure.change('excess', 1),
      resume: () => pressure.change('excess', -1),
      idle: () => pressure.idle,
      close: () => {
        const text = `4009 more than ${framesPerSecond} frames a second`;
        this.fail(4009, text, new ServerError('E_RATE_LIMIT', text));
      },
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
