import { type Publish, type Put, STORE_LIMITS } from '@sealwire/store';
import { ServerError } from './errors.js';
import { checkNames } from './option-names.js';
import { encodePayload } from './payload.js';

export interface PublishOptions {
  /** Seconds since 1970 UTC when the event happened. Default: now. */
  readonly timestamp?: number;
}

/** What a handler does that is kept together with its message, or not at all. */
export interface Transaction<Outgoing = unknown> {
  /** Aborted when the client connects anew while the handler runs, or the handler's time is over: nothing is kept. */
  readonly signal: AbortSignal;
  /**
   * Sends to the client whose message this is.
   *
   * @throws ServerError `E_PAYLOAD` for what JSON cannot carry or is too large, `E_TRANSACTION` after the handler
   */
  publish(payload: Outgoing, options?: PublishOptions): void;
  /** Sends to one client or to many, connected or not; serialised once. */
  publishTo(clientIds: string | readonly string[], payload: Outgoing, options?: PublishOptions): void;
  /** Writes the application's own state; null removes the key. The bytes are the store's from here on. */
  put(key: string, value: Uint8Array | null): void;
}

/** @throws ServerError `E_OPTION` */
export function readTimestamp(options: PublishOptions | undefined): number | undefined {
  if (options === undefined) return undefined;
  checkNames('publish', options, { timestamp: true });
  const { timestamp } = options;
  if (timestamp !== undefined && !Number.isFinite(timestamp)) {
    throw new ServerError('E_OPTION', 'timestamp must be a finite number of seconds');
  }
  return timestamp;
}

/** @throws ServerError `E_OPTION`; what is wrong with an id the store says */
export function readClientIds(clientIds: string | readonly string[]): readonly string[] {
  if (typeof clientIds === 'string') return [clientIds];
  if (!Array.isArray(clientIds)) {
    throw new ServerError('E_OPTION', 'messages are published to a client id or an array of them');
  }
  return clientIds;
}

interface TransactionContext {
  readonly clientId: string;
  readonly maxPayloadBytes: number;
  readonly wallSeconds: () => number;
}

/** Collects what the handler does; the store checks it as a whole. */
export class StagedTransaction implements Transaction {
  readonly publishes: Publish[] = [];
  readonly puts: Put[] = [];
  readonly #context: TransactionContext;
  #bytes = 0;
  #open = true;
  /** Made when the handler asks for it; most never do. */
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(context: TransactionContext) {
    this.#context = context;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    return this.#controller.signal;
  }

  get empty(): boolean {
    return this.publishes.length === 0 && this.puts.length === 0;
  }

  publish(payload: unknown, options?: PublishOptions): void {
    this.publishTo(this.#context.clientId, payload, options);
  }

  publishTo(clientIds: string | readonly string[], payload: unknown, options?: PublishOptions): void {
    const json = encodePayload(payload, this.#context.maxPayloadBytes);
    const timestamp = readTimestamp(options) ?? this.#context.wallSeconds();
    const ids = readClientIds(clientIds);
    this.#reserve(ids.length, json.length * ids.length);
    for (const clientId of ids) this.publishes.push({ clientId, json, timestamp });
  }

  put(key: string, value: Uint8Array | null): void {
    this.#reserve(1, value?.length ?? 0);
    this.puts.push({ key, value });
  }

  /** Nothing that the handler still does will be kept: its signal says so. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }

  /** The handler is done: what it does later would be lost, so it is told. */
  end(): void {
    this.#open = false;
  }

  #reserve(items: number, bytes: number): void {
    if (!this.#open) {
      throw new ServerError('E_TRANSACTION', 'the handler has ended: await everything that uses tx');
    }
    this.#bytes += bytes;
    const { commitItems, commitBytes } = STORE_LIMITS;
    if (this.publishes.length + this.puts.length + items > commitItems || this.#bytes > commitBytes) {
      throw new ServerError(
        'E_TRANSACTION',
        `one handler may publish and put ${commitItems} times and ${commitBytes} bytes`,
      );
    }
  }
}
