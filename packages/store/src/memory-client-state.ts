import { checkBigint, checkBytes, readOptions } from './check.js';
import type { ClientChange, ClientState, OutboxEntry, SavedClient } from './client-state.js';
import { Deque } from './deque.js';
import { StoreError } from './errors.js';
import { STORE_LIMITS } from './limits.js';
import { checkBounds } from './memory-options.js';

export interface MemoryClientStateOptions {
  /** Unconfirmed messages. Default 10,000; more are refused with E_FULL. */
  readonly maxOutboxEntries?: number;
  /** Bytes of json of unconfirmed messages. Default 16 MiB; more are refused with E_FULL. */
  readonly maxOutboxBytes?: number;
}

export const MEMORY_CLIENT_DEFAULTS = { maxOutboxEntries: 10_000, maxOutboxBytes: 16_777_216 } as const;

/** A {@link ClientState} that forgets all when the process ends. */
export interface MemoryClientState extends ClientState {
  /**
   * Closes this handle and gives a new one on the same memory: what a client finds after its process was
   * killed and started again. Hand the new one to the second client; calls of the first fail with E_CLOSED.
   */
  reopen(): MemoryClientState;
}

/** Throws E_ARGUMENT if an option is no bound. */
export function memoryClientState(options: MemoryClientStateOptions = {}): MemoryClientState {
  const bounds = readOptions<MemoryClientStateOptions>(options, MEMORY_CLIENT_DEFAULTS);
  checkBounds(bounds);
  return new Handle(new MemoryClient({ ...MEMORY_CLIENT_DEFAULTS, ...bounds }));
}

class MemoryClient {
  readonly #options: Required<MemoryClientStateOptions>;
  readonly #outbox = new Deque<OutboxEntry>();
  #outboxBytes = 0;
  #savedOrder = -1n;
  #reservedOrder = -1n;
  #nextIndex = 0n;
  #sequenceOffset: bigint | undefined;
  #pin: Uint8Array | undefined;

  constructor(options: Required<MemoryClientStateOptions>) {
    this.#options = options;
  }

  load(): SavedClient {
    return {
      savedOrder: this.#savedOrder,
      reservedOrder: this.#reservedOrder,
      nextIndex: this.#nextIndex,
      sequenceOffset: this.#sequenceOffset,
      outbox: this.#outbox.slice(0),
      pin: this.#pin,
    };
  }

  append(entries: readonly OutboxEntry[]): void {
    const { maxOutboxEntries, maxOutboxBytes } = this.#options;
    let next = this.#nextIndex;
    let bytes = this.#outboxBytes;
    for (const { index, json } of entries) {
      if (index !== next) throw new StoreError('E_SEQUENCE', `index ${index} given where ${next} is next`);
      next += 1n;
      bytes += checkBytes(json, 'json', STORE_LIMITS.json, 'E_ARGUMENT');
    }
    if (this.#outbox.length + entries.length > maxOutboxEntries) {
      throw new StoreError(
        'E_FULL',
        `maxOutboxEntries: ${this.#outbox.length} messages wait for confirmation`,
      );
    }
    if (bytes > maxOutboxBytes) {
      throw new StoreError('E_FULL', `maxOutboxBytes: ${this.#outboxBytes} bytes wait for confirmation`);
    }
    for (const { index, json } of entries) this.#outbox.push({ index, json });
    this.#nextIndex = next;
    this.#outboxBytes = bytes;
  }

  trim(upToIndex: bigint): void {
    checkBigint(upToIndex, 'upToIndex', -1n, 'E_ARGUMENT');
    if (upToIndex >= this.#nextIndex) {
      throw new StoreError('E_ARGUMENT', `index ${upToIndex} was never appended: ${this.#nextIndex} is next`);
    }
    for (let first = this.#outbox.at(0); first && first.index <= upToIndex; first = this.#outbox.at(0)) {
      this.#outboxBytes -= first.json.byteLength;
      this.#outbox.shift();
    }
  }

  save(change: ClientChange): void {
    const savedOrder = change.savedOrder ?? this.#savedOrder;
    let reservedOrder = change.reservedOrder ?? this.#reservedOrder;
    if (change.reservedOrder === undefined && reservedOrder < savedOrder) reservedOrder = savedOrder;
    checkBigint(savedOrder, 'savedOrder', -1n, 'E_ARGUMENT');
    checkBigint(reservedOrder, 'reservedOrder', savedOrder, 'E_ARGUMENT');
    if (change.sequenceOffset !== undefined && typeof change.sequenceOffset !== 'bigint') {
      throw new StoreError('E_ARGUMENT', 'sequenceOffset must be a bigint');
    }
    if (change.pin != null) checkBytes(change.pin, 'pin', STORE_LIMITS.pin, 'E_ARGUMENT');
    this.#savedOrder = savedOrder;
    this.#reservedOrder = reservedOrder;
    this.#sequenceOffset = change.sequenceOffset ?? this.#sequenceOffset;
    if (change.pin !== undefined) this.#pin = change.pin ?? undefined;
  }
}

class Handle implements MemoryClientState {
  readonly #memory: MemoryClient;
  #closed = false;

  constructor(memory: MemoryClient) {
    this.#memory = memory;
  }

  reopen(): MemoryClientState {
    this.#closed = true;
    return new Handle(this.#memory);
  }

  async load(): Promise<SavedClient> {
    return this.#open().load();
  }

  async append(entries: readonly OutboxEntry[]): Promise<void> {
    this.#open().append(entries);
  }

  async trim(upToIndex: bigint): Promise<void> {
    this.#open().trim(upToIndex);
  }

  async save(change: ClientChange): Promise<void> {
    this.#open().save(change);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): MemoryClient {
    if (this.#closed) throw new StoreError('E_CLOSED', 'the client state is closed: open it again');
    return this.#memory;
  }
}
