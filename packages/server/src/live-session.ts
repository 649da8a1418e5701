import {
  checkpointType,
  encodeJson,
  errorText,
  errorType,
  isReserved,
  type ServerSession,
  typeOf,
} from '@sealwire/session';
import type { LogEntry } from '@sealwire/store';
import type { Link } from '@sealwire/transport';
import { Answers } from './answers.js';
import { checkpoint } from './checkpoint.js';
import type { Client } from './clients.js';
import { Delivery } from './delivery.js';
import { ServerError } from './errors.js';
import { MessageLine, type ReceivedMessage } from './message-line.js';
import { BadPayload, decodePayload, encodePayload, refuseReserved, validate } from './payload.js';
import { Pressure } from './pressure.js';
import { Refused, RequestError } from './refused.js';
import { type ReceivedRequest, RequestPool } from './requests.js';
import { runHandler } from './run-handler.js';
import { type SessionCommits, storeCode } from './session-commits.js';
import type { Shared } from './shared.js';
import { StagedTransaction } from './transaction.js';

/** How a live session ends itself. Each is a no-op once the session has ended. */
export interface LiveSessionPort {
  /** ERROR with the text, then a close. */
  fail(code: number, text: string, error: Error): void;
  /** A close alone. */
  close(code: number, error: Error): void;
}

export interface LiveSessionOptions {
  readonly clientId: string;
  readonly client: Client;
  readonly lastSeenOrder: bigint;
  readonly commits: SessionCommits;
  readonly session: ServerSession;
  readonly link: Link;
}

/** What a client does once it has proved who it is: messages, requests, and the cursor on its log. */
export class LiveSession {
  readonly pressure: Pressure;
  readonly #shared: Shared;
  readonly #options: LiveSessionOptions;
  readonly #port: LiveSessionPort;
  readonly #abort = new AbortController();
  readonly #line: MessageLine;
  readonly #requests: RequestPool;
  readonly #answers: Answers;
  readonly #delivery: Delivery;
  #layoutKnown = false;
  #stopped = false;

  constructor(shared: Shared, options: LiveSessionOptions, port: LiveSessionPort) {
    const { limits, store } = shared.settings;
    const { clientId, session, link } = options;
    this.#shared = shared;
    this.#options = options;
    this.#port = port;
    const hasRoom = () => link.bufferedBytes <= limits.maxBufferedBytes;
    this.pressure = new Pressure(
      {
        pendingMessages: limits.maxPendingMessages,
        pendingBytes: limits.maxPendingBytes,
        runningRequests: limits.maxRunningRequests,
        answerBytes: limits.maxAnswerBytes,
      },
      {
        pausing: link.pausing,
        overflow: (gauge) =>
          port.close(1013, new ServerError('E_OVERLOADED', `too much came in at once (${gauge})`)),
      },
    );
    this.#line = new MessageLine(
      (message) => this.#handle(message),
      ({ json }) => this.hold(-1, -json.length),
    );
    this.#requests = new RequestPool(
      limits.maxRunningRequests,
      (request) => this.#answer(request),
      ({ json }) => {
        this.pressure.change('runningRequests', 1);
        this.hold(-1, -json.length);
      },
      () => this.pressure.change('runningRequests', -1),
    );
    this.#answers = new Answers(session, hasRoom, this.pressure, limits.batchBytes);
    this.#delivery = new Delivery(
      store,
      clientId,
      options.lastSeenOrder,
      { count: limits.batchMessages, bytes: limits.batchBytes },
      shared.turns,
      {
        hasRoom,
        send: (entries) => this.#send(entries),
        historyGone: (removedUpTo) => {
          const text = `4100 history up to ORDER ${removedUpTo} is gone`;
          port.fail(4100, text, new ServerError('E_HISTORY_GONE', text));
        },
        aheadOfServer: (head) => {
          const text = `4101 LAST SEEN ORDER is ahead of the server, whose last is ${head}`;
          port.fail(4101, text, new ServerError('E_ORDER_AHEAD', text));
        },
        failed: (error) => {
          shared.emit({ type: 'store-failed', clientId, error: asError(error) });
          port.close(1013, new ServerError('E_STORE', 'the log cannot be read', { cause: error }));
        },
      },
    );
  }

  message(sequence: bigint, json: Uint8Array): void {
    this.hold(1, json.length);
    this.#line.push({ sequence, json });
  }

  request(requestId: bigint, json: Uint8Array): void {
    this.hold(1, json.length);
    this.#requests.push({ requestId, json, barrier: this.#line.barrier() });
  }

  /** Messages may be sent from here on. */
  layoutKnown(): void {
    this.#layoutKnown = true;
    this.wake();
  }

  /** Counts what has come in and is not done with; negative when it is. */
  hold(count: number, bytes: number): void {
    this.pressure.change('pendingMessages', count);
    this.pressure.change('pendingBytes', bytes);
  }

  /** The log has grown, or the link may have room again. */
  wake(): void {
    this.#answers.wake();
    if (this.#layoutKnown) this.#delivery.wake();
  }

  /** No handler starts any more; those that run go on, and what they do is kept. */
  stop(): void {
    this.#stopped = true;
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
  }

  /** After `stop`: resolves when what runs is done and flushed, and its answers are on their way. */
  async settled(): Promise<void> {
    await Promise.all([this.#line.settled(), this.#requests.settled()]);
  }

  #send(entries: readonly LogEntry[]): void {
    const { session } = this.#options;
    for (const { order, timestamp, json } of entries) session.sendMessage(order, timestamp, json);
    session.flush();
  }

  #transaction(): StagedTransaction {
    const { settings } = this.#shared;
    return new StagedTransaction({
      clientId: this.#options.clientId,
      signal: () => this.#abort.signal,
      maxPayloadBytes: settings.limits.maxPayloadBytes,
      wallSeconds: () => settings.scheduler.wallSeconds(),
    });
  }

  async #handle(message: ReceivedMessage): Promise<{ readonly flushed: Promise<unknown> } | undefined> {
    const { clientId, client } = this.#options;
    const { settings, clients } = this.#shared;
    const { onMessage, messageSchema } = settings.handlers;
    const { sequence } = message;
    // A handler of the session before this one may still run: effects of one client never overlap.
    while (client.busy !== undefined) await client.busy;
    if (this.#stopped) return undefined;
    const tx = this.#transaction();
    const handled = runHandler(
      () => {
        if (onMessage === undefined) throw new BadPayload('this server takes no messages');
        const received = decodePayload(message.json, settings.limits.maxJsonDepth);
        refuseReserved(received);
        const call = (payload: unknown) => onMessage({ clientId, sequence, payload: payload as never }, tx);
        return messageSchema === undefined ? call(received) : validate(received, messageSchema).then(call);
      },
      settings.handlerTimeout,
      settings.scheduler,
    );
    clients.occupy(clientId, client, handled);
    const outcome = await handled;
    tx.end();
    if (outcome.ok) return this.#commitMessage(sequence, tx);
    const { error } = outcome;
    if (error instanceof Refused) return this.#refuse(sequence, error.code, error.message);
    if (error instanceof BadPayload) return this.#refuse(sequence, 1007, error.message);
    this.#failOwn(sequence, error);
    return undefined;
  }

  async #commitMessage(
    sequence: bigint,
    { publishes, puts }: StagedTransaction,
  ): Promise<{ readonly flushed: Promise<unknown> } | undefined> {
    try {
      const { flushed } = await this.#options.commits.stage({ sequence, publishes, puts });
      flushed.catch((error) => this.#commitFailed(error));
      return { flushed };
    } catch (error) {
      if (storeCode(error) === 'E_COMMIT') this.#failOwn(sequence, error);
      else this.#commitFailed(error);
      return undefined;
    }
  }

  /** The SEQUENCE is consumed; the client hears of it only when that is durable. */
  async #refuse(sequence: bigint, code: number, text: string): Promise<undefined> {
    const { clientId, commits } = this.#options;
    const reason = errorText(text);
    this.stop();
    try {
      const { flushed } = await commits.stage({ sequence, refusal: reason });
      await flushed;
    } catch (error) {
      return this.#commitFailed(error);
    }
    this.#shared.emit({ type: 'message-refused', clientId, sequence, code, reason });
    this.#port.fail(code, reason, new ServerError('E_REFUSED', `message ${sequence} was refused`));
    return undefined;
  }

  /** The message is not consumed: the client sends it again. */
  #failOwn(sequence: bigint, cause: unknown): void {
    const { clientId } = this.#options;
    const error = handlerError(cause);
    this.stop();
    // A handler that gives up because its session was replaced has not failed.
    if (!this.#abort.signal.aborted) {
      this.abort(error);
      this.#shared.emit({ type: 'handler-failed', clientId, sequence, error });
    }
    this.#port.fail(1011, 'the server failed to handle the message', error);
  }

  #commitFailed(error: unknown): undefined {
    const { clientId } = this.#options;
    this.stop();
    if (storeCode(error) === 'E_FENCED') {
      this.#port.fail(
        4000,
        '4000 the client id connected again',
        new ServerError('E_REPLACED', 'a newer session fenced this one', { cause: error }),
      );
      return;
    }
    this.#shared.emit({ type: 'rollback', clientId, error: asError(error) });
    this.#port.close(1013, new ServerError('E_STORE', 'a commit was not kept', { cause: error }));
  }

  async #answer({ requestId, json, barrier }: ReceivedRequest): Promise<void> {
    if (!(await barrier)) return;
    const tx = this.#transaction();
    const outcome = await runHandler(
      () => this.#respond(requestId, json, tx),
      this.#shared.settings.handlerTimeout,
      this.#shared.settings.scheduler,
    );
    tx.end();
    const answer = outcome.ok
      ? await this.#commitAnswer(requestId, outcome.value, tx)
      : this.#errorAnswer(requestId, outcome.error);
    if (answer !== undefined) this.#answers.send(requestId, answer);
  }

  #respond(requestId: bigint, json: Uint8Array, tx: StagedTransaction): unknown {
    const { clientId } = this.#options;
    const { handlers, limits, store } = this.#shared.settings;
    const received = decodePayload(json, limits.maxJsonDepth);
    if (typeOf(received) === checkpointType) {
      return checkpoint(store, clientId, received, limits.maxPayloadBytes);
    }
    const { onRequest, requestSchema } = handlers;
    if (onRequest === undefined || isReserved(received)) {
      throw new RequestError('unknown-request', 'this server does not know the request');
    }
    const call = (payload: unknown) => onRequest({ clientId, requestId, payload: payload as never }, tx);
    return requestSchema === undefined ? call(received) : validate(received, requestSchema).then(call);
  }

  /** What the handler did is kept before its answer leaves. */
  async #commitAnswer(
    requestId: bigint,
    value: unknown,
    tx: StagedTransaction,
  ): Promise<Uint8Array | undefined> {
    let answer: Uint8Array;
    try {
      answer = encodePayload(value ?? null, this.#shared.settings.limits.maxPayloadBytes);
    } catch (error) {
      return this.#errorAnswer(requestId, error);
    }
    if (tx.empty) return answer;
    try {
      const { publishes, puts } = tx;
      const { flushed } = await this.#options.commits.stage({ publishes, puts });
      await flushed;
      return answer;
    } catch (error) {
      if (storeCode(error) === 'E_COMMIT') return this.#errorAnswer(requestId, error);
      return this.#commitFailed(error);
    }
  }

  #errorAnswer(requestId: bigint, cause: unknown): Uint8Array {
    const { clientId } = this.#options;
    const answer = (code: string, message: string) =>
      encodeJson({ '@type': errorType, code: errorText(code), message: errorText(message) });
    if (cause instanceof RequestError) return answer(cause.code, cause.message);
    if (cause instanceof Refused) return answer('refused', cause.message);
    if (cause instanceof BadPayload) return answer('invalid-request', cause.message);
    this.#shared.emit({ type: 'handler-failed', clientId, requestId, error: handlerError(cause) });
    return answer('internal', 'the server failed to answer the request');
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function handlerError(cause: unknown): Error {
  if (cause instanceof ServerError && cause.code === 'E_HANDLER_TIMEOUT') return cause;
  return new ServerError('E_HANDLER', 'the handler failed: see the cause', { cause });
}
