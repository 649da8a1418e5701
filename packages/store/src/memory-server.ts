import { checkUnclaimed } from './check.js';
import { StoreError } from './errors.js';
import { MemoryLog, MemoryRefusals } from './memory-log.js';
import { ENTRY_COST, type MemoryServerStoreOptions, normalizeMemoryOptions } from './memory-options.js';
import { MemoryRetention } from './memory-retention.js';
import { MAX_COPIED, own } from './memory-slab.js';
import { MemoryValues } from './memory-values.js';
import type {
  Claim,
  ClaimOver,
  ClientRecord,
  Commit,
  KeyValue,
  ListQuery,
  LogChunk,
  Publish,
  ReadLimit,
  Refusal,
  RefusalChunk,
} from './server-store.js';
import { Watchers } from './watchers.js';

const NONE: Uint8Array = new Uint8Array(0);

/** A client that was never published to and never refused has neither log nor refusals. */
interface Client {
  lastSequence: bigint;
  epoch: bigint;
  layout: string | undefined;
  log: MemoryLog | undefined;
  refusals: MemoryRefusals | undefined;
}

/** The memory behind all handles. Synchronous: what a method did is whole when it returns or has thrown. */
export class MemoryServer {
  readonly watchers = new Watchers((clientId) => this.#positionOf(clientId));
  readonly #options: Required<MemoryServerStoreOptions>;
  readonly #retention: MemoryRetention;
  readonly #values: MemoryValues;
  readonly #clients = new Map<string, Client>();

  constructor(options: MemoryServerStoreOptions) {
    this.#options = normalizeMemoryOptions(options);
    this.#retention = new MemoryRetention(this.#options);
    this.#values = new MemoryValues(this.#options.maxStateBytes);
  }

  knows(clientId: string): boolean {
    return this.#clients.has(clientId);
  }

  read(clientId: string): ClientRecord {
    this.#retention.enforce();
    return recordOf(this.#clients.get(clientId));
  }

  claim(clientId: string, over: ClaimOver): Claim {
    this.#retention.enforce();
    checkUnclaimed(this.#clients.get(clientId)?.epoch ?? 0n, over);
    if (!this.#clients.has(clientId)) this.#checkRoomForClients(1);
    const client = this.#clientFor(clientId);
    client.epoch += 1n;
    this.watchers.moved(clientId);
    return recordOf(client);
  }

  /** Every check comes before the first change, so that a commit that fails leaves nothing behind. */
  commit(commit: Commit): readonly bigint[] {
    const { session, sequence, refusal, layout, publishes = [], puts = [] } = commit;
    const owner = session === undefined ? undefined : this.#checkSession(session, sequence);
    this.#checkRoomForPublishes(publishes);
    if (puts.length > 0) this.#values.checkRoom(puts);

    const orders = this.#publish(publishes);
    if (puts.length > 0) this.#values.apply(puts);
    if (owner !== undefined) {
      if (sequence !== undefined) owner.lastSequence = sequence;
      if (sequence !== undefined && refusal !== undefined) this.#refuse(owner, { sequence, reason: refusal });
      if (layout !== undefined) owner.layout = layout;
    }
    this.#retention.enforce();
    return orders;
  }

  readLog(clientId: string, after: bigint, limit: ReadLimit): LogChunk {
    this.#retention.enforce();
    const log = this.#clients.get(clientId)?.log;
    return log === undefined ? { entries: [], removedUpTo: 0n, head: 0n } : log.read(after, limit);
  }

  refusals(clientId: string, after: bigint): RefusalChunk {
    this.#retention.enforce();
    const client = this.#clients.get(clientId);
    const kept = client?.refusals?.read(after) ?? { refusals: [], removedUpTo: -1n };
    return { lastSequence: client?.lastSequence ?? -1n, ...kept };
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  list(query: ListQuery): readonly KeyValue[] {
    return this.#values.list(query);
  }

  #positionOf(clientId: string): { head: bigint; epoch: bigint } {
    const client = this.#clients.get(clientId);
    return { head: client?.log?.head ?? 0n, epoch: client?.epoch ?? 0n };
  }

  #clientFor(clientId: string): Client {
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    const client = { lastSequence: -1n, epoch: 0n, layout: undefined, log: undefined, refusals: undefined };
    this.#clients.set(clientId, client);
    return client;
  }

  #checkSession(session: { clientId: string; epoch: bigint }, sequence: bigint | undefined): Client {
    const client = this.#clients.get(session.clientId);
    if (client === undefined || client.epoch !== session.epoch) {
      throw new StoreError('E_FENCED', `epoch ${session.epoch} does not own this client any more`);
    }
    if (sequence !== undefined && sequence !== client.lastSequence + 1n) {
      const expected = client.lastSequence + 1n;
      throw new StoreError('E_SEQUENCE', `sequence ${sequence} given where ${expected} is next`);
    }
    return client;
  }

  #checkRoomForClients(count: number): void {
    if (this.#clients.size + count > this.#options.maxClients) {
      throw new StoreError('E_FULL', `maxClients: there are ${this.#clients.size} clients already`);
    }
  }

  #checkRoomForPublishes(publishes: readonly Publish[]): void {
    let strangers: Set<string> | undefined;
    for (const { clientId, json } of publishes) {
      if (json.byteLength + ENTRY_COST > this.#options.maxBytesPerClient) {
        throw new StoreError(
          'E_FULL',
          'maxBytesPerClient: a message is larger than all the room of a client',
        );
      }
      if (!this.#clients.has(clientId)) {
        strangers ??= new Set();
        strangers.add(clientId);
      }
    }
    if (strangers !== undefined) this.#checkRoomForClients(strangers.size);
  }

  #publish(publishes: readonly Publish[]): bigint[] {
    const orders: bigint[] = [];
    let given: Uint8Array | undefined;
    let kept = NONE;
    for (let i = 0; i < publishes.length; ) {
      const first = publishes[i]!;
      const client = this.#clientFor(first.clientId);
      client.log ??= new MemoryLog();
      const log = client.log;
      let added = 0;
      // Messages to one client that stand side by side are one addition for the retention.
      for (let next: Publish | undefined = first; next?.clientId === first.clientId; next = publishes[++i]) {
        if (next.json !== given) {
          given = next.json;
          // What the logs do not copy is one array for all of them.
          kept = given.length > MAX_COPIED ? own(given) : given;
        }
        orders.push(log.append(kept, next.timestamp));
        added += kept.length + ENTRY_COST;
      }
      this.#retention.added(log, log.head, added);
      const { maxEntriesPerClient, maxBytesPerClient } = this.#options;
      while (log.length > maxEntriesPerClient || log.bytes > maxBytesPerClient)
        this.#retention.removeOldest(log);
      this.watchers.moved(first.clientId);
    }
    return orders;
  }

  #refuse(client: Client, refusal: Refusal): void {
    client.refusals ??= new MemoryRefusals();
    const refusals = client.refusals;
    this.#retention.added(refusals, refusal.sequence, refusals.append(refusal));
    while (refusals.length > this.#options.maxRefusals) this.#retention.removeOldest(refusals);
  }
}

function recordOf(client: Client | undefined): ClientRecord {
  return {
    lastSequence: client?.lastSequence ?? -1n,
    head: client?.log?.head ?? 0n,
    removedUpTo: client?.log?.removedUpTo ?? 0n,
    layout: client?.layout,
    epoch: client?.epoch ?? 0n,
  };
}
