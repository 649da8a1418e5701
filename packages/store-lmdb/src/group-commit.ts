import type { StoreError } from '@sealwire/store';
import { Batch } from './batch.js';
import type { Client, Clients } from './clients.js';
import { asStoreError } from './errors.js';
import { metaKey } from './keys.js';
import { encodeClient, encodeTotals } from './records.js';
import type { Retention } from './retention.js';
import type { RowWriter } from './writer.js';

/** What one transaction takes at most, if a single commit is not larger. */
const MOST_BYTES = 4_194_304;
const MOST_COMMITS = 16_384;

const TOTALS = metaKey('totals');

/**
 * Batches in a line, one at the writer at a time: what is staged while one is flushed shares the next. A batch that
 * fails takes all that are staged behind it along, because they may stand on it. Where it failed for want of room,
 * what needs none and stands on nothing that is lost is written once more, by itself.
 */
export class GroupCommit {
  readonly #writer: RowWriter;
  readonly #clients: Clients;
  readonly #retention: Retention;
  readonly #now: () => number;
  readonly #flushed: (batch: Batch) => void;
  /** The last one takes commits. */
  readonly #line: Batch[] = [];
  #writing: Batch | undefined;
  #running = false;
  #broken: StoreError | undefined;

  /** `flushed` is called before those who wait for the batch hear of it. */
  constructor(
    writer: RowWriter,
    clients: Clients,
    retention: Retention,
    now: () => number,
    flushed: (batch: Batch) => void,
  ) {
    this.#writer = writer;
    this.#clients = clients;
    this.#retention = retention;
    this.#now = now;
    this.#flushed = flushed;
  }

  /** Set once nothing can be written any more: the disk failed, or another process has the store. */
  get broken(): StoreError | undefined {
    return this.#broken;
  }

  /** Bytes that wait, those at the writer included. */
  get bytes(): number {
    let bytes = this.#writing?.rows.length ?? 0;
    for (const { rows } of this.#line) bytes += rows.length;
    return bytes;
  }

  /** The batch for a commit that is staged now. */
  open(): Batch {
    const newest = this.#line.at(-1);
    if (newest && newest.rows.length < MOST_BYTES && newest.size < MOST_COMMITS) return newest;
    return this.openFresh();
  }

  /** A batch that has nothing yet; the one before it takes no more. */
  openFresh(): Batch {
    const batch = new Batch(this.#writer.buffer(), this.#now());
    this.#line.push(batch);
    if (!this.#running) {
      this.#running = true;
      // After the sockets had their turn: what they bring together is flushed together.
      setImmediate(() => void this.#run());
    }
    return batch;
  }

  /** Resolves when all that is staged has been flushed, or has failed. */
  async ended(): Promise<void> {
    await (this.#line.at(-1) ?? this.#writing)?.ended;
  }

  /** Resolves when what is staged for a client's SEQUENCE is flushed, or has failed; undefined: nothing is. */
  sequenceEnded(client: Client): Promise<void> | undefined {
    const { lastSequence } = client.staged;
    if (client.flushed.lastSequence === lastSequence) return undefined;
    const batches = this.#writing === undefined ? this.#line : [this.#writing, ...this.#line];
    return batches.find(({ parts }) => parts.get(client)?.position.lastSequence === lastSequence)?.ended;
  }

  async #run(): Promise<void> {
    for (let batch = this.#line.shift(); batch; batch = this.#line.shift()) {
      this.#writing = batch;
      try {
        const more = this.#seal(batch);
        if (batch.rows.length > 0) await this.#writer.write(batch.rows, batch.grows);
        this.#flushed(batch);
        batch.succeed();
        this.#writer.release(batch.rows);
        this.#writing = undefined;
        if (more && this.#line.length === 0) this.open();
      } catch (cause) {
        this.#writing = undefined;
        this.#fail(batch, cause);
      }
    }
    this.#running = false;
  }

  /** Nothing joins the batch any more: completes it with what follows from its commits. */
  #seal(batch: Batch): boolean {
    for (const part of batch.parts.values()) this.#retention.keepWithinBounds(batch, part);
    const more = this.#retention.collect(batch);
    for (const { client, position } of batch.parts.values()) {
      const row = { number: client.number, ...client.kept, ...position };
      batch.rows.put(client.key, encodeClient(row), client.keySeed);
      client.sealed = position;
    }
    if (batch.rows.length > 0) batch.rows.put(TOTALS, encodeTotals(this.#clients.totals));
    return more;
  }

  #fail(batch: Batch, cause: unknown): void {
    const error = asStoreError(cause);
    const full = error.code === 'E_DISK_FULL';
    if (!full) this.#broken = error;
    const failed = [batch, ...this.#line.splice(0)];
    this.#clients.clear();
    this.#retention.reset();
    if (!full || !batch.grows) {
      for (const each of failed) each.fail(error);
      return;
    }
    const rest = new Batch(this.#writer.buffer(), this.#now());
    rest.salvage(failed, error);
    // Goes to the writer next, before anything can join it.
    this.#line.push(rest);
  }
}
