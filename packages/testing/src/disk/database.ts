import type {
  Claim,
  ClaimOver,
  ClientRecord,
  Commit,
  KeyValue,
  ListQuery,
  LogChunk,
  LogEntry,
  ReadLimit,
  Refusal,
  RefusalChunk,
} from '@sealwire/store';
import { StoreError } from '@sealwire/store';
import { checkUnclaimed, compareKeys, listEntries, Watchers } from '@sealwire/store/kit';
import type { SimClock } from '../world/clock.js';
import type { Random } from '../world/random.js';
import type { SimProcess } from '../world/sim-process.js';
import { type DiskPace, SimDisk } from './disk.js';
import { promised } from './promised.js';

/** What the database tells the oracle: the truth below every handle. */
export interface StoreJournal {
  /** A commit has its place in the order. `owner`: the newest epoch of its client. */
  staged(commit: Commit, owner: bigint | undefined): void;
  /** A commit is on the disk. */
  kept(commit: Commit, orders: readonly bigint[]): void;
  /** @param durable the epoch on the disk */
  claimed(clientId: string, epoch: bigint, durable: bigint): void;
}

export interface DatabaseOptions {
  readonly pace: DiskPace;
  /** Messages kept per client. */
  readonly maxEntries: number;
  /** Refusals kept per client. Default: all. */
  readonly maxRefusals?: number;
  /** ORDER grows by up to this much from message to message. */
  readonly orderStep: number;
  /**
   * Only one process works on it, and its crash is the disk's: then epochs are given from memory, and a claim does not wait
   * for its own flush. Default false.
   */
  readonly exclusive?: boolean;
}

interface Kept {
  lastSequence: bigint;
  epoch: bigint;
  head: bigint;
  removedUpTo: bigint;
  layout: string | undefined;
  readonly log: LogEntry[];
  readonly refusals: Refusal[];
  refusalsRemovedUpTo: bigint;
}

type Staged = Pick<Kept, 'lastSequence' | 'epoch' | 'head'>;

/** What all server processes of a world remember in: a durable state, and what is staged on top of it. */
export class SimDatabase {
  readonly disk: SimDisk;
  /** How many listeners each process has. */
  readonly watching = new WeakMap<SimProcess, number>();
  readonly watchers = new Watchers((clientId) => this.#positionOf(clientId));
  readonly #random: Random;
  readonly #reading: Random;
  readonly #options: DatabaseOptions;
  readonly #journal: StoreJournal;
  readonly #kept = new Map<string, Kept>();
  readonly #values = new Map<string, Uint8Array>();
  readonly #staged = new Map<string, Staged>();
  /** Of an exclusive one: the epochs that its process was told. They outlive a flush that fails. */
  readonly #told = new Map<string, bigint>();

  constructor(clock: SimClock, random: Random, options: DatabaseOptions, journal: StoreJournal) {
    this.#random = random.fork('orders');
    this.#reading = random.fork('reading');
    this.#options = options;
    this.#journal = journal;
    this.disk = new SimDisk(clock, random.fork('disk'), options.pace, (crashed) => {
      this.#staged.clear();
      if (crashed) this.#told.clear();
    });
  }

  /** How long the next read takes. */
  readDelay(): number {
    return this.#reading.chance(0.5) ? 0 : this.#reading.next() * this.#options.pace.tell;
  }

  /** The durable truth. */
  record(clientId: string): ClientRecord {
    const { lastSequence, head, removedUpTo, layout, epoch } = this.#durable(clientId);
    return { lastSequence, head, removedUpTo, layout, epoch };
  }

  /** For who may be about to claim: the record, with the epoch that holds, flushed or not. */
  read(clientId: string): ClientRecord {
    const { epoch } = this.#staged.get(clientId) ?? this.#positionOf(clientId);
    return { ...this.record(clientId), epoch };
  }

  /** Does a SEQUENCE of the client wait for its flush? */
  waits(clientId: string): boolean {
    const { lastSequence } = this.#durable(clientId);
    return (this.#staged.get(clientId)?.lastSequence ?? lastSequence) !== lastSequence;
  }

  value(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  list(query: ListQuery): readonly KeyValue[] {
    return listEntries([...this.#values.keys()].sort(compareKeys), this.#values, query);
  }

  refusals(clientId: string, after: bigint): RefusalChunk {
    const { lastSequence, refusals, refusalsRemovedUpTo } = this.#durable(clientId);
    return {
      lastSequence,
      refusals: refusals.filter(({ sequence }) => sequence > after),
      removedUpTo: refusalsRemovedUpTo,
    };
  }

  /** Removes all but the newest messages of each client, as retention does. */
  retain(count: number): void {
    for (const to of this.#kept.values()) shorten(to, count);
  }

  /** Resolves when all that is staged now is flushed, or dropped. */
  barrier(): Promise<void> {
    if (this.disk.idle) return Promise.resolve();
    const done = promised<void>();
    this.disk.stage({ keep() {}, tell: () => done.resolve(), drop: () => done.resolve() });
    return done.promise;
  }

  async claim(clientId: string, over: ClaimOver): Promise<Claim> {
    const done = promised<Claim>();
    const staged = this.#stagedOf(clientId);
    checkUnclaimed(staged.epoch, over);
    staged.epoch += 1n;
    const { epoch } = staged;
    this.#journal.claimed(clientId, epoch, this.#durable(clientId).epoch);
    const before = this.#options.exclusive && this.waits(clientId) ? this.barrier() : undefined;
    let claim: Claim | undefined;
    this.disk.stage({
      keep: () => {
        this.#keptOf(clientId).epoch = epoch;
        this.watchers.moved(clientId);
        claim = { ...this.record(clientId), epoch };
      },
      tell: () => claim && done.resolve(claim),
      drop: (error) => done.reject(error),
    });
    if (this.#options.exclusive !== true) return done.promise;
    this.#told.set(clientId, epoch);
    await before;
    this.watchers.moved(clientId);
    return { ...this.record(clientId), epoch };
  }

  /** @throws StoreError `E_FENCED`, `E_SEQUENCE` */
  commit(commit: Commit): Promise<readonly bigint[]> {
    const { session, sequence, publishes = [] } = commit;
    const owner = session && this.#stagedOf(session.clientId);
    if (session !== undefined && session.epoch !== owner?.epoch) {
      throw new StoreError('E_FENCED', 'a newer session owns this client');
    }
    if (owner !== undefined && sequence !== undefined) {
      if (sequence !== owner.lastSequence + 1n) throw new StoreError('E_SEQUENCE', 'not the next SEQUENCE');
      owner.lastSequence = sequence;
    }
    this.#journal.staged(commit, owner?.epoch);
    const orders = publishes.map(({ clientId }) => {
      const to = this.#stagedOf(clientId);
      to.head += BigInt(this.#random.between(1, this.#options.orderStep));
      return to.head;
    });
    const done = promised<readonly bigint[]>();
    this.disk.stage({
      keep: () => this.#keep(commit, orders),
      tell: () => done.resolve(orders),
      drop: (error) => done.reject(error),
    });
    return done.promise;
  }

  readLog(clientId: string, after: bigint, limit: ReadLimit): LogChunk {
    const { log, head, removedUpTo } = this.#durable(clientId);
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (let index = firstAfter(log, after); index < log.length; index++) {
      const entry = log[index] as LogEntry;
      bytes += entry.json.length;
      if (entries.length === limit.count || (entries.length > 0 && bytes > limit.bytes)) break;
      entries.push(entry);
    }
    return { entries, removedUpTo, head };
  }

  #keep(commit: Commit, orders: readonly bigint[]): void {
    const { session, sequence, refusal, layout, publishes = [], puts = [] } = commit;
    publishes.forEach(({ clientId, json, timestamp }, index) => {
      const to = this.#keptOf(clientId);
      const order = orders[index] ?? 0n;
      to.log.push({ order, timestamp, json });
      to.head = order;
      shorten(to, this.#options.maxEntries);
      this.watchers.moved(clientId);
    });
    for (const { key, value } of puts) {
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    if (session !== undefined) {
      const owner = this.#keptOf(session.clientId);
      if (owner.epoch < session.epoch) owner.epoch = session.epoch;
      if (sequence !== undefined) owner.lastSequence = sequence;
      if (sequence !== undefined && refusal !== undefined) {
        owner.refusals.push({ sequence, reason: refusal });
        forget(owner, this.#options.maxRefusals ?? Number.POSITIVE_INFINITY);
      }
      if (layout !== undefined) owner.layout = layout;
    }
    this.#journal.kept(commit, orders);
  }

  #positionOf(clientId: string): { head: bigint; epoch: bigint } {
    const { head, epoch } = this.#durable(clientId);
    return { head, epoch: this.#told.get(clientId) ?? epoch };
  }

  #durable(clientId: string): Kept {
    return this.#kept.get(clientId) ?? unknownClient();
  }

  #keptOf(clientId: string): Kept {
    const kept = this.#durable(clientId);
    this.#kept.set(clientId, kept);
    return kept;
  }

  #stagedOf(clientId: string): Staged {
    const known = this.#staged.get(clientId);
    if (known !== undefined) return known;
    const { lastSequence, head } = this.#durable(clientId);
    const { epoch } = this.#positionOf(clientId);
    const staged = { lastSequence, epoch, head };
    this.#staged.set(clientId, staged);
    return staged;
  }
}

function shorten(client: Kept, most: number): void {
  while (client.log.length > most) client.removedUpTo = client.log.shift()?.order ?? client.removedUpTo;
}

function forget(client: Kept, most: number): void {
  while (client.refusals.length > most) {
    client.refusalsRemovedUpTo = client.refusals.shift()?.sequence ?? client.refusalsRemovedUpTo;
  }
}

function unknownClient(): Kept {
  return {
    lastSequence: -1n,
    epoch: 0n,
    head: 0n,
    removedUpTo: 0n,
    layout: undefined,
    log: [],
    refusals: [],
    refusalsRemovedUpTo: -1n,
  };
}

/** The log is in ORDER, so that half of it is ruled out with each look. */
function firstAfter(log: readonly LogEntry[], after: bigint): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as LogEntry).order > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
