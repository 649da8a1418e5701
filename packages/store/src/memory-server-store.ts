import {
  checkClientId,
  checkCommit,
  checkCursor,
  checkKey,
  checkListQuery,
  checkOver,
  checkReadLimit,
} from './check.js';
import { StoreError } from './errors.js';
import type { MemoryServerStoreOptions } from './memory-options.js';
import { MemoryServer } from './memory-server.js';
import type {
  Claim,
  ClaimOver,
  ClientRecord,
  Commit,
  CommitReceipt,
  KeyValue,
  ListQuery,
  LogChunk,
  ReadLimit,
  RefusalChunk,
  ServerStore,
} from './server-store.js';

const STAGED: Promise<void> = Promise.resolve();

/** A {@link ServerStore} that forgets all when the process ends: for tests, demos and measurements. */
export interface MemoryServerStore extends ServerStore {
  /**
   * One more handle on the same memory: what a second server node has, or after `close` the restarted server.
   * Handles are closed one by one.
   */
  open(): MemoryServerStore;
}

/** Throws E_ARGUMENT if an option is no bound or two contradict each other. */
export function memoryServerStore(options: MemoryServerStoreOptions = {}): MemoryServerStore {
  return new Handle(new MemoryServer(options));
}

/** Every step is done within the call: staged and flushed are one here. */
class Handle implements MemoryServerStore {
  readonly #memory: MemoryServer;
  readonly #stops = new Set<() => void>();
  #closed = false;

  constructor(memory: MemoryServer) {
    this.#memory = memory;
  }

  open(): MemoryServerStore {
    return new Handle(this.#memory);
  }

  async read(clientId: string): Promise<ClientRecord> {
    this.#checkOpen();
    checkClientId(clientId);
    return this.#memory.read(clientId);
  }

  async claim(clientId: string, over: ClaimOver): Promise<Claim> {
    this.#checkOpen();
    checkClientId(clientId);
    checkOver(over);
    return this.#memory.claim(clientId, over);
  }

  commit(commit: Commit): CommitReceipt {
    try {
      this.#checkOpen();
      checkCommit(commit, (clientId) => this.#memory.knows(clientId));
      return { staged: STAGED, flushed: Promise.resolve(this.#memory.commit(commit)) };
    } catch (error) {
      const failed = Promise.reject(error);
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
      return this.#memory.readLog(clientId, after, limit);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async refusals(clientId: string, after: bigint): Promise<RefusalChunk> {
    this.#checkOpen();
    checkClientId(clientId);
    checkCursor(after);
    return this.#memory.refusals(clientId, after);
  }

  watch(clientId: string, onHead: (head: bigint) => void, onClaim?: (epoch: bigint) => void): () => void {
    this.#checkOpen();
    checkClientId(clientId);
    const unwatch = this.#memory.watchers.watch(clientId, onHead, onClaim);
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
    return this.#memory.get(key);
  }

  async list(query: ListQuery): Promise<readonly KeyValue[]> {
    this.#checkOpen();
    checkListQuery(query);
    return this.#memory.list(query);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of [...this.#stops]) stop();
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError('E_CLOSED', 'the store is closed: open it again');
  }
}
