import {
  type Claim,
  type ClaimOver,
  type ClientRecord,
  type Commit,
  type CommitReceipt,
  type KeyValue,
  type ListQuery,
  type LogChunk,
  type ReadLimit,
  type RefusalChunk,
  type ServerStore,
  StoreError,
} from '@sealwire/store';
import {
  checkClientId,
  checkCommit,
  checkCursor,
  checkKey,
  checkListQuery,
  checkOver,
  checkReadLimit,
} from '@sealwire/store/kit';
import type { Core } from './core.js';
import { type Found, findStore, makeStore } from './directory.js';
import { asStoreError } from './errors.js';

const HIGHEST_BASE = 2n ** 62n - 1n;
/** How often age is looked at when nobody commits. */
const SWEEP_EVERY = 30_000;

/** A durable {@link ServerStore} in one directory, of one process. */
export interface LmdbServerStore extends ServerStore {
  /** One more handle on the same store: for a second server in this process. Handles are closed one by one. */
  open(): LmdbServerStore;

  /**
   * Copies one moment of the store into the directory `path`, which is made if it is missing, while the store goes on.
   * The copy is a store that can be opened. E_ARGUMENT if there is one already.
   */
  backup(path: string): Promise<void>;

  /**
   * For an operator who has restored a backup that is older than its clients: every ORDER given from now on is larger
   * than `to`. What is kept up to there goes, because it has a hole at its end that nobody could see; clients that have
   * read below it are told that history is gone (close code 4100). May be repeated. E_ARGUMENT unless 0n <= to < 2^62.
   */
  raiseOrders(to: bigint): Promise<void>;
}

/** What the handles of one store have together. The last one that closes lets go of it. */
export class Shared {
  readonly core: Core;
  readonly #found: Found;
  readonly #closed: () => void;
  readonly #sweeping: ReturnType<typeof setInterval> | undefined;
  #handles = 0;

  /** `closed` is called when the last handle has let go. */
  constructor(core: Core, found: Found, maxAge: number, closed: () => void) {
    this.core = core;
    this.#found = found;
    this.#closed = closed;
    if (maxAge !== Infinity) this.#sweeping = setInterval(() => core.sweep(), SWEEP_EVERY).unref();
  }

  opened(): void {
    this.#handles += 1;
  }

  async closed(): Promise<void> {
    this.#handles -= 1;
    if (this.#handles > 0) return this.core.ended();
    clearInterval(this.#sweeping);
    try {
      await this.core.close();
    } finally {
      this.#closed();
    }
  }

  async backup(path: string): Promise<void> {
    if (findStore(path) !== undefined) throw new StoreError('E_ARGUMENT', `${path} has a store already`);
    try {
      await makeStore(path, this.#found.marker, (file) => this.core.reader.copy(file));
    } catch (error) {
      throw asStoreError(error);
    }
  }
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asStoreError(error);
  }
}

export class Handle implements LmdbServerStore {
  readonly #shared: Shared;
  readonly #core: Core;
  readonly #stops = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.#core = shared.core;
    shared.opened();
  }

  open(): LmdbServerStore {
    this.#checkOpen();
    return new Handle(this.#shared);
  }

  async read(clientId: string): Promise<ClientRecord> {
    this.#checkOpen();
    checkClientId(clientId);
    return reading(() => this.#record(clientId));
  }

  async claim(clientId: string, over: ClaimOver): Promise<Claim> {
    this.#checkOpen();
    checkClientId(clientId);
    checkOver(over);
    try {
      const epoch = await this.#core.claim(clientId, over);
      return { ...this.#record(clientId), epoch };
    } catch (error) {
      throw asStoreError(error);
    }
  }

  commit(commit: Commit): CommitReceipt {
    try {
      this.#checkOpen();
      checkCommit(commit, this.#core.knows);
      return this.#core.commit(commit);
    } catch (error) {
      const failed = Promise.reject(asStoreError(error));
      // Handled: the caller may watch one of the two promises only.
      failed.catch(() => {});
      return { staged: failed, flushed: failed };
    }
  }

  readLog(clientId: string, after: bigint, limit: ReadLimit): LogChunk | Promise<LogChunk> {
    try {
      this.#checkOpen();
      checkClientId(clientId);
      checkCursor(after);
      checkReadLimit(limit);
      return this.#core.readLog(clientId, after, limit);
    } catch (error) {
      return Promise.reject(asStoreError(error));
    }
  }

  async refusals(clientId: string, after: bigint): Promise<RefusalChunk> {
    this.#checkOpen();
    checkClientId(clientId);
    checkCursor(after);
    return reading(() => this.#core.reader.refusals(clientId, after));
  }

  watch(clientId: string, onHead: (head: bigint) => void, onClaim?: (epoch: bigint) => void): () => void {
    this.#checkOpen();
    checkClientId(clientId);
    const unwatch = this.#core.watchers.watch(clientId, onHead, onClaim);
    const stop = () => {
      unwatch();
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return stop;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    checkKey(key);
    await this.#core.ended();
    return reading(() => this.#core.reader.value(key));
  }

  async list(query: ListQuery): Promise<readonly KeyValue[]> {
    this.#checkOpen();
    checkListQuery(query);
    await this.#core.ended();
    return reading(() => this.#core.reader.list(query));
  }

  async backup(path: string): Promise<void> {
    this.#checkOpen();
    await this.#shared.backup(path);
  }

  async raiseOrders(to: bigint): Promise<void> {
    this.#checkOpen();
    if (typeof to !== 'bigint' || to < 0n || to > HIGHEST_BASE) {
      throw new StoreError('E_ARGUMENT', 'to must be a bigint from 0n to 2^62 - 1');
    }
    await this.#core.raiseOrders(to);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const stop of [...this.#stops]) stop();
    await this.#shared.closed();
  }

  #record(clientId: string): ClientRecord {
    const row = this.#core.reader.client(clientId);
    return {
      lastSequence: row?.lastSequence ?? -1n,
      head: row?.head ?? 0n,
      removedUpTo: row?.removedUpTo ?? 0n,
      layout: row?.layout,
      epoch: this.#core.epochOf(clientId, row?.epoch ?? 0n),
    };
  }

  #checkOpen(): void {
    if (this.#closing) throw new StoreError('E_CLOSED', 'the store is closed: open it again');
  }
}
