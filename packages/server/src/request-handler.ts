import {
  checkpointType,
  encodeJson,
  errorText,
  errorType,
  isReserved,
  type JsonOptions,
  typeOf,
} from '@sealwire/session';
import { checkpoint } from './checkpoint.js';
import { BadPayload, decodePayload, encodePayload, validate } from './payload.js';
import { Refused, RequestError } from './refused.js';
import type { ReceivedRequest } from './requests.js';
import { handlerError } from './run-handler.js';
import { storeCode } from './session-commits.js';
import type { SessionContext } from './session-context.js';
import type { StagedTransaction } from './transaction.js';

/**
 * A client may ask for a Checkpoint to see whether the server is there, and waits 5 s. So it is answered with what is
 * flushed by then where earlier messages take longer than this, in milliseconds.
 */
const checkpointPatience = 2_000;

/** Takes one request through the application, or answers it itself. */
export class RequestHandler {
  readonly #session: SessionContext;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  /** The JSON of the answer; nothing where the session ends. */
  async answer(request: ReceivedRequest): Promise<Uint8Array | undefined> {
    const received = decoded(request.json, this.#session.shared.settings.json);
    const isCheckpoint = typeOf(received.payload) === checkpointType;
    if (!(await (isCheckpoint ? this.#patiently(request.barrier) : request.barrier))) return undefined;
    const tx = this.#session.begin();
    const outcome = await this.#session.shared.handlers.run(
      () => this.#call(request, received, tx),
      (why) => this.#notKept(why, tx),
    );
    this.#session.finish(tx, outcome);
    if (!outcome.ok) return this.#errorAnswer(request, outcome.error);
    return this.#commit(request, outcome.value, tx);
  }

  /** Resolves as the barrier does, or with true after a while. */
  #patiently(barrier: Promise<boolean>): Promise<boolean> {
    const { scheduler } = this.#session.shared.settings;
    return new Promise((resolve) => {
      const cancel = scheduler.after(checkpointPatience, () => resolve(true));
      void barrier.then((reached) => {
        cancel();
        resolve(reached);
      });
    });
  }

  #call({ requestId }: ReceivedRequest, request: Decoded, tx: StagedTransaction): unknown {
    const { clientId, shared } = this.#session;
    const { handlers, limits, store } = shared.settings;
    const { onRequest, requestSchema } = handlers;
    if (request.error !== undefined) throw request.error;
    const received = request.payload;
    if (typeOf(received) === checkpointType) {
      return checkpoint(store, clientId, received, limits.maxPayloadBytes);
    }
    if (onRequest === undefined || isReserved(received)) {
      throw new RequestError('unknown-request', 'this server does not know the request');
    }
    const call = (payload: unknown) => onRequest({ clientId, requestId, payload: payload as never }, tx);
    return requestSchema === undefined ? call(received) : validate(received, requestSchema).then(call);
  }

  /** What the handler did is kept before its answer leaves. */
  async #commit(
    request: ReceivedRequest,
    value: unknown,
    tx: StagedTransaction,
  ): Promise<Uint8Array | undefined> {
    const { commits, shared } = this.#session;
    let answer: Uint8Array;
    try {
      answer = encodePayload(value ?? null, shared.settings.limits.maxPayloadBytes);
    } catch (error) {
      this.#notKept(error, tx);
      return this.#errorAnswer(request, error);
    }
    if (tx.empty) return answer;
    try {
      const { flushed } = await commits.stage({ publishes: tx.publishes, puts: tx.puts });
      await flushed;
      return answer;
    } catch (error) {
      // What the store cannot take at all is a fault of the handler, not of the store.
      if (storeCode(error) === 'E_COMMIT') {
        this.#notKept(error, tx);
        return this.#errorAnswer(request, error);
      }
      this.#session.commitFailed(error);
      return undefined;
    }
  }

  /** One that only looked has nothing to take back. */
  #notKept(error: unknown, tx: StagedTransaction): void {
    if (!tx.empty) this.#session.notKept(error);
  }

  #errorAnswer({ requestId }: ReceivedRequest, cause: unknown): Uint8Array {
    const { clientId, shared, signal } = this.#session;
    if (cause instanceof RequestError) return errorAnswer(String(cause.code), String(cause.message));
    if (cause instanceof Refused) return errorAnswer('refused', String(cause.message));
    if (cause instanceof BadPayload) return errorAnswer('invalid-request', cause.message);
    if (!signal.aborted) {
      shared.emit({ type: 'handler-failed', clientId, requestId, error: handlerError(cause) });
    }
    return errorAnswer('internal', 'the server failed to answer the request');
  }
}

interface Decoded {
  readonly payload?: unknown;
  readonly error?: unknown;
}

function decoded(json: Uint8Array, options: JsonOptions): Decoded {
  try {
    return { payload: decodePayload(json, options) };
  } catch (error) {
    return { error };
  }
}

function errorAnswer(code: string, message: string): Uint8Array {
  return encodeJson({ '@type': errorType, code: errorText(code), message: errorText(message) });
}
