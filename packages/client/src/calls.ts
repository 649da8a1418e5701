import {
  decodeJson,
  errorText,
  errorType,
  type JsonNumbers,
  type Milliseconds,
  randomRequestId,
  typeOf,
} from '@sealwire/session';
import type { Scheduler } from '@sealwire/transport';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Deferred, deferred } from './deferred.js';
import { ClientError } from './errors.js';
import type { CallsOptions } from './options.js';
import { checkPayload, standardSchema } from './schema.js';
import { limitWait, type WaitOptions, waitOptions } from './waiting.js';

export interface CallOptions<Answer = unknown> {
  /** Milliseconds until `E_TIMEOUT`. Default: the option `calls.timeout`. */
  readonly timeout?: Milliseconds;
  readonly signal?: AbortSignal;
  /** Sending it twice does no harm: it waits for a link, and is sent again where a disconnect left it open. Default false. */
  readonly idempotent?: boolean;
  /** Checks and types the answer; one that does not fit rejects the call with `E_ANSWER`. */
  readonly schema?: StandardSchemaV1<unknown, Answer>;
}

export const callOptions: Record<keyof CallOptions, true> = {
  ...waitOptions,
  idempotent: true,
  schema: true,
};

/** One request from the call until it settles. */
export interface Call {
  readonly json: Uint8Array;
  readonly idempotent: boolean;
  /** Messages below this index go out first. */
  readonly after: bigint;
  readonly answer: Deferred<Uint8Array>;
  sent: boolean;
}

const maxDone = 1_024;

/** Requests that wait to be sent, and those that wait for their answer. */
export class Calls {
  readonly #options: Required<CallsOptions>;
  readonly #numbers: JsonNumbers;
  readonly #scheduler: Scheduler;
  readonly #randomBytes: (length: number) => Uint8Array;
  readonly #changed: () => void;
  readonly #inFlight = new Map<bigint, Call>();
  /** REQUEST_IDs of this session whose caller went away or has its answer: what comes for them means nothing. */
  readonly #done = new Set<bigint>();
  #queue: Call[] = [];
  /** Calls of the application that have not settled. */
  #pending = 0;
  #held = false;
  #connected = false;

  /** @param changed there may be something to send, or the last answer has come */
  constructor(
    options: Required<CallsOptions>,
    numbers: JsonNumbers,
    scheduler: Scheduler,
    randomBytes: (length: number) => Uint8Array,
    changed: () => void,
  ) {
    this.#options = options;
    this.#numbers = numbers;
    this.#scheduler = scheduler;
    this.#randomBytes = randomBytes;
    this.#changed = changed;
  }

  /** Is any answer awaited, or about to be? */
  get waiting(): boolean {
    return this.#inFlight.size > 0 || this.#queue.length > 0;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Resolves with the payload of the answer. */
  async call<Answer>(json: Uint8Array, after: bigint, options: CallOptions<Answer>): Promise<Answer> {
    if (this.#pending >= this.#options.maxPending) {
      throw new ClientError(
        'E_CALLS_FULL',
        `calls.maxPending: ${this.#options.maxPending} calls wait already`,
      );
    }
    const { idempotent = false, schema } = options;
    if (schema !== undefined) standardSchema('schema', schema);
    if (!this.#connected && !idempotent) throw notSent();
    this.#pending += 1;
    try {
      const call = { json, idempotent, after, answer: deferred<Uint8Array>(), sent: false };
      return await readAnswer(await this.#answered(call, options), this.#numbers, schema);
    } finally {
      this.#pending -= 1;
    }
  }

  /** A request of the library itself, ahead of all others. */
  async ask(json: Uint8Array, timeout: Milliseconds): Promise<unknown> {
    const call: Call = {
      json,
      idempotent: false,
      after: -1n,
      answer: deferred(),
      sent: false,
    };
    return readAnswer<unknown>(await this.#answered(call, { timeout }, true), this.#numbers, undefined);
  }

  async #answered(call: Call, options: WaitOptions, first = false): Promise<Uint8Array> {
    const release = limitWait(
      { ...options, timeout: options.timeout ?? this.#options.timeout },
      this.#scheduler,
      'no answer came',
      (error) => {
        this.#abandon(call);
        call.answer.reject(error.code === 'E_TIMEOUT' && !call.sent ? notSentInTime() : error);
      },
    );
    if (first) this.#queue.unshift(call);
    else this.#queue.push(call);
    this.#changed();
    try {
      return await call.answer.promise;
    } finally {
      release();
      this.#changed();
    }
  }

  /**
   * The next request, if it may leave before the message at `index`. It gets a REQUEST_ID of its own.
   *
   * @param end where the line of messages ends: it is shorter than it was where the state took some of them not
   */
  take(index: bigint, end: bigint): { readonly requestId: bigint; readonly call: Call } | undefined {
    const call = this.#queue[0];
    if (call === undefined || (call.after > index && index < end)) return undefined;
    if (call.after >= 0n && (this.#held || this.#inFlight.size >= this.#options.maxConcurrent))
      return undefined;
    this.#queue.shift();
    let requestId = randomRequestId(this.#randomBytes);
    while (this.#inFlight.has(requestId) || this.#done.has(requestId)) {
      requestId = randomRequestId(this.#randomBytes);
    }
    this.#inFlight.set(requestId, call);
    return { requestId, call };
  }

  /** @returns false if this client never asked that: the server breaks the protocol */
  answered(requestId: bigint, json: Uint8Array): boolean {
    const call = this.#inFlight.get(requestId);
    if (call === undefined) return this.#done.has(requestId);
    this.#settle(requestId);
    call.answer.resolve(json);
    this.#changed();
    return true;
  }

  /** Lets no further call leave until the next session, so that those in flight come to their end. */
  hold(): void {
    this.#held = true;
  }

  connected(): void {
    this.#connected = true;
    this.#held = false;
  }

  /** The session is over. `lasting`: no other follows at once, so calls that were not sent do not wait for it. */
  disconnected(lasting: boolean): void {
    const open = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#done.clear();
    if (lasting) this.#connected = false;
    const again: Call[] = [];
    for (const call of [...open, ...this.#queue]) {
      // A request of the library itself is about this session, and the next one may not be believed.
      const over = lasting || call.after < 0n;
      if (call.sent && !call.idempotent) call.answer.reject(unknown());
      else if (over && !call.idempotent) call.answer.reject(notSent());
      else again.push(call);
    }
    for (const call of again) call.sent = false;
    this.#queue = again;
  }

  /** Settles every call: nothing will be sent any more. */
  end(): void {
    for (const call of [...this.#inFlight.values(), ...this.#queue]) {
      call.answer.reject(call.sent ? unknown() : notSent());
    }
    this.#inFlight.clear();
    this.#queue = [];
    this.#connected = false;
  }

  #abandon(call: Call): void {
    this.#queue = this.#queue.filter((other) => other !== call);
    for (const [requestId, other] of this.#inFlight) {
      if (other === call) this.#settle(requestId);
    }
  }

  /** An answer may still come, or once more: only one to a request that was never made is an offence. */
  #settle(requestId: bigint): void {
    this.#inFlight.delete(requestId);
    this.#done.add(requestId);
    for (const oldest of this.#done) {
      if (this.#done.size <= maxDone) break;
      this.#done.delete(oldest);
    }
  }
}

async function readAnswer<Answer>(
  json: Uint8Array,
  numbers: JsonNumbers,
  schema: StandardSchemaV1<unknown, Answer> | undefined,
): Promise<Answer> {
  let payload: unknown;
  try {
    payload = decodeJson(json, { numbers });
  } catch (cause) {
    throw new ClientError('E_ANSWER', 'the answer cannot be read: see the cause', { cause });
  }
  if (typeOf(payload) === errorType) throw requestFailed(payload as { readonly [key: string]: unknown });
  if (schema === undefined) return payload as Answer;
  const misfit = 'the answer does not fit the schema of the call';
  return checkPayload(schema, payload, 'E_ANSWER', misfit, (answer) => answer);
}

function requestFailed({ code, message }: { readonly [key: string]: unknown }): ClientError {
  const words = typeof message === 'string' ? errorText(message) : 'the server gave no reason';
  return new ClientError('E_REQUEST_FAILED', words, {
    remoteCode: typeof code === 'string' ? errorText(code) : undefined,
  });
}

function unknown(): ClientError {
  return new ClientError(
    'E_CALL_UNKNOWN',
    'the link ended before the answer came: the server may or may not have done it',
  );
}

function notSentInTime(): ClientError {
  return new ClientError('E_TIMEOUT', 'the call could not be sent in time, and may be made again');
}

function notSent(): ClientError {
  return new ClientError('E_CALL_NOT_SENT', 'there is no link: the call was not sent, and may be made again');
}
