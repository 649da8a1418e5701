import {
  type ClaimOver,
  type Commit,
  type CommitReceipt,
  type LogChunk,
  type Publish,
  type ReadLimit,
  StoreError,
} from '@sealwire/store';
import { checkUnclaimed, Watchers } from '@sealwire/store/kit';
import type { Batch, Part } from './batch.js';
import { seedOf } from './checksum.js';
import { type Client, Clients } from './clients.js';
import { GroupCommit } from './group-commit.js';
import { metaKey, refusalKey, valueKey } from './keys.js';
import { type LmdbStoreOptions, ROW_COST } from './options.js';
import type { Reader } from './reader.js';
import { encodeTotals } from './records.js';
import { Retention } from './retention.js';
import { Tails } from './tails.js';
import type { RowWriter } from './writer.js';

const STAGED: Promise<void> = Promise.resolve();
/** A commit counts this much beside its bytes while it waits. */
const COMMIT_COST = 256;

/**
 * What all handles of a store share: stages commits in memory, which is allowed because no other process writes, and
 * hands them to the group commit. Reads go to the disk and so see what is flushed.
 */
export class Core {
  readonly watchers: Watchers;
  readonly reader: Reader;
  readonly #options: Required<LmdbStoreOptions>;
  readonly #writer: RowWriter;
  readonly #clients: Clients;
  readonly #tails: Tails;
  readonly #group: GroupCommit;

  constructor(reader: Reader, writer: RowWriter, options: Required<LmdbStoreOptions>) {
    this.reader = reader;
    this.#writer = writer;
    this.#options = options;
    this.#clients = new Clients(reader, options.maxCachedClients);
    this.#tails = new Tails(options.maxTailBytes);
    this.watchers = new Watchers((clientId) => this.#clients.positionOf(clientId));
    const retention = new Retention(options, reader, this.#clients);
    this.#group = new GroupCommit(writer, this.#clients, retention, options.now, (batch) =>
      this.#tell(batch),
    );
  }

  /** Made once, because every commit hands it on. */
  readonly knows = (clientId: string): boolean => this.#clients.has(clientId);

  /** Waits for what is staged, flushed or failed. */
  ended(): Promise<void> {
    return this.#group.ended();
  }

  /** Throws if nothing is kept. Every check comes before the first change. */
  commit(commit: Commit): CommitReceipt {
    const { session, sequence, refusal, publishes = [], puts = [] } = commit;
    this.#checkWritable();
    this.#clients.makeRoom();
    if (session !== undefined) this.#checkSession(session, sequence);
    this.#checkRoom(publishes);
    const targets = this.#targetsOf(publishes);

    const batch = this.#group.open();
    const orders = publishes.length === 0 ? [] : append(batch, publishes, targets);
    this.#apply(batch, commit);
    const adds = publishes.length > 0 || refusal !== undefined || puts.some(({ value }) => value !== null);
    if (adds) batch.grows = true;
    const again = adds ? undefined : { alone: false, stage: (next: Batch) => this.#apply(next, commit) };
    const flushed = batch.join(orders, again);
    return { staged: STAGED, flushed };
  }

  /**
   * Resolves with the epoch once what is staged for the client's SEQUENCE has been flushed, or has failed. The epoch itself
   * is written behind that: nobody but this process goes by it, and here it holds even where that fails.
   */
  async claim(clientId: string, over: ClaimOver): Promise<bigint> {
    this.#checkWritable();
    this.#clients.makeRoom();
    const client = this.#clients.findOrMake(clientId);
    checkUnclaimed(client.staged.epoch, over);
    const sequenceEnded = this.#group.sequenceEnded(client);
    const epoch = client.staged.epoch + 1n;
    const stage = (batch: Batch) => {
      const { position } = batch.touch(this.#clients.findOrMake(clientId));
      if (position.epoch < epoch) position.epoch = epoch;
    };
    const batch = this.#group.open();
    stage(batch);
    const written = batch.join([], { alone: true, stage });
    if (!this.#clients.hold(clientId, epoch)) await written;
    else if (sequenceEnded !== undefined) {
      await sequenceEnded;
      this.#checkWritable();
    }
    this.watchers.moved(clientId);
    return epoch;
  }

  /** The newest of a client that was told. */
  epochOf(clientId: string, flushed: bigint): bigint {
    return this.#clients.epochOf(clientId, flushed);
  }

  readLog(clientId: string, after: bigint, limit: ReadLimit): LogChunk {
    const flushed = this.#clients.logOf(clientId);
    const chunk = flushed && this.#tails.read(clientId, after, flushed, limit);
    return chunk ?? this.reader.log(clientId, after, limit);
  }

  /** Lets the next ORDER of every client be larger than `to`, and says so to those who read below it. */
  async raiseOrders(to: bigint): Promise<void> {
    this.#checkWritable();
    const { totals } = this.#clients;
    if (totals.orderBase < to) totals.orderBase = to;
    // First, so that a client that is new meanwhile begins at the new base.
    const base = this.#group.openFresh();
    base.rows.put(metaKey('totals'), encodeTotals(totals));
    await base.join([]);
    for (const clientId of [...this.reader.clientIds()]) {
      this.#checkWritable();
      this.#clients.makeRoom();
      const batch = this.#group.openFresh();
      const part = batch.touch(this.#clients.findOrMake(clientId));
      if (part.position.head < to) {
        part.position.head = to;
        part.raisedTo = to;
      }
      await batch.join([]);
    }
  }

  /** Gives retention its turn while nobody commits. */
  sweep(): void {
    if (this.#group.broken === undefined) this.#group.open();
  }

  async close(): Promise<void> {
    await this.ended();
    await this.#writer.close();
    await this.reader.close();
  }

  /** What a commit changes beside the logs. Throws E_CORRUPT, before any change. */
  #apply(batch: Batch, { session, sequence, refusal, layout, puts = [] }: Commit): void {
    const owner = session && this.#clients.findOrMake(session.clientId);
    for (const { key, value } of puts) {
      if (value === null) batch.rows.remove(valueKey(key));
      else batch.rows.put(valueKey(key), value);
    }
    if (owner === undefined || (sequence === undefined && layout === undefined)) return;
    const part = batch.touch(owner);
    if (layout !== undefined) part.position.layout = layout;
    if (sequence !== undefined) part.position.lastSequence = sequence;
    if (sequence !== undefined && refusal !== undefined) {
      const key = refusalKey(owner.number, sequence);
      const seed = seedOf(owner.seed, key.readUInt32BE(5), key.readUInt32BE(9));
      part.refusals.push({ sequence, row: batch.rows.put(key, Buffer.from(refusal), seed) });
    }
  }

  #checkWritable(): void {
    const { broken } = this.#group;
    if (broken) throw broken;
  }

  #checkSession(session: { clientId: string; epoch: bigint }, sequence: bigint | undefined): void {
    const client = this.#clients.find(session.clientId);
    if (client === undefined || client.staged.epoch !== session.epoch) {
      throw new StoreError('E_FENCED', `epoch ${session.epoch} does not own this client any more`);
    }
    if (sequence !== undefined && sequence !== client.staged.lastSequence + 1n) {
      const expected = client.staged.lastSequence + 1n;
      throw new StoreError('E_SEQUENCE', `sequence ${sequence} given where ${expected} is next`);
    }
  }

  #checkRoom(publishes: readonly Publish[]): void {
    const { maxBytesPerClient, maxStagedBytes } = this.#options;
    for (const { json } of publishes) {
      if (json.byteLength + ROW_COST > maxBytesPerClient) {
        throw new StoreError(
          'E_FULL',
          'maxBytesPerClient: a message is larger than all the room of a client',
        );
      }
    }
    if (this.#group.bytes + COMMIT_COST > maxStagedBytes) {
      throw new StoreError('E_FULL', `maxStagedBytes: ${this.#group.bytes} bytes wait for their flush`);
    }
  }

  #targetsOf(publishes: readonly Publish[]): Client[] {
    const targets: Client[] = [];
    let last: Client | undefined;
    for (const { clientId } of publishes) {
      if (last?.id !== clientId) last = this.#clients.findOrMake(clientId);
      targets.push(last);
    }
    return targets;
  }

  #tell(batch: Batch): void {
    this.reader.refresh();
    for (const { client, position, log } of batch.parts.values()) {
      this.#clients.written(client.id, position.epoch);
      if (!this.watchers.has(client.id)) continue;
      if (log.length > 0) this.#tails.add(client.id, position.head, batch.rows, log);
      this.watchers.moved(client.id);
    }
  }
}

function append(batch: Batch, publishes: readonly Publish[], targets: readonly Client[]): bigint[] {
  const orders: bigint[] = [];
  const { rows, at } = batch;
  let part: Part | undefined;
  for (let i = 0; i < publishes.length; i++) {
    const { json, timestamp } = publishes[i]!;
    const client = targets[i]!;
    if (part?.client !== client) part = batch.touch(client);
    const order = part.position.head + 1n;
    part.position.head = order;
    const row = rows.log(client.number, client.seed, order, at, timestamp, json);
    if (part.log.at(-1) !== row) part.log.push(row);
    part.added += 1;
    part.addedBytes += json.byteLength;
    orders.push(order);
  }
  return orders;
}
