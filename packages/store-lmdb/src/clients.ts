import type { LogChunk } from '@sealwire/store';
import { checksum } from './checksum.js';
import { clientKey } from './keys.js';
import type { Reader } from './reader.js';
import type { ClientRow, Totals } from './records.js';

/** What commits and claims change. */
export interface Position {
  epoch: bigint;
  lastSequence: bigint;
  head: bigint;
  layout: string | undefined;
}

/** What retention changes, batch by batch as they are written. */
export interface Kept {
  removedUpTo: bigint;
  bytes: number;
  refusals: number;
  refusalsRemovedUpTo: bigint;
  second: number;
}

export interface Client {
  readonly id: string;
  /** Of the client's row, with its checksum. */
  readonly key: Buffer;
  readonly keySeed: number;
  readonly number: number;
  /** Checksum of the id. */
  readonly seed: number;
  readonly kept: Kept;
  /** After all that is staged. Belongs to the newest batch that touched the client, which may still change it. */
  staged: Position;
  /** After the batch that was handed to the writer last. */
  sealed: Position;
  flushed: Position;
  /** The `removedUpTo` that is flushed. */
  removedUpTo: bigint;
  /** Batches that have not ended yet. */
  pins: number;
}

/** The records of the clients in memory. What is pinned is ahead of the disk; the rest may be forgotten. */
export class Clients {
  readonly #reader: Reader;
  readonly #max: number;
  readonly #clients = new Map<string, Client>();
  /** Epochs that were told and are not on the disk. They outlive batches that fail, because their sessions do. */
  readonly #unwritten = new Map<string, bigint>();
  #totals: Totals | undefined;

  constructor(reader: Reader, max: number) {
    this.#reader = reader;
    this.#max = max;
  }

  get totals(): Totals {
    this.#totals ??= this.#reader.totals();
    return this.#totals;
  }

  has(clientId: string): boolean {
    return this.#clients.has(clientId);
  }

  /** undefined: never heard of. Throws E_CORRUPT. */
  find(clientId: string): Client | undefined {
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    const row = this.#reader.client(clientId);
    if (row !== undefined) return this.#add(clientId, row);
    return this.#unwritten.has(clientId) ? this.#make(clientId) : undefined;
  }

  /** A new one leaves no trace until something of it is written. */
  findOrMake(clientId: string): Client {
    return this.find(clientId) ?? this.#make(clientId);
  }

  /** Where a client stands for those who watch it. */
  positionOf(clientId: string): { head: bigint; epoch: bigint } {
    const { head, epoch } = this.#clients.get(clientId)?.flushed ??
      this.#reader.client(clientId) ?? { head: 0n, epoch: 0n };
    return { head, epoch: this.epochOf(clientId, epoch) };
  }

  /** The newest that was told. */
  epochOf(clientId: string, flushed: bigint): bigint {
    return this.#unwritten.get(clientId) ?? flushed;
  }

  /** Holds an epoch that is told before it is flushed. False: as many as there is room for are held. */
  hold(clientId: string, epoch: bigint): boolean {
    if (this.#unwritten.size >= this.#max && !this.#unwritten.has(clientId)) return false;
    this.#unwritten.set(clientId, epoch);
    return true;
  }

  /** An epoch is on the disk. */
  written(clientId: string, epoch: bigint): void {
    if (this.#unwritten.size > 0 && this.epochOf(clientId, 0n) <= epoch) this.#unwritten.delete(clientId);
  }

  /** What of a client's log is flushed; undefined: it has to be looked for on the disk. */
  logOf(clientId: string): Omit<LogChunk, 'entries'> | undefined {
    const known = this.#clients.get(clientId);
    return known && { removedUpTo: known.removedUpTo, head: known.flushed.head };
  }

  /**
   * Forgets the oldest eighth and what is beyond the bound, but nothing that is ahead of the disk, which would be lost.
   * Only between two commits: a record that a commit has found and not touched yet must stay the only one of its client.
   */
  makeRoom(): void {
    if (this.#clients.size < this.#max) return;
    let wanted = this.#clients.size - this.#max + Math.ceil(this.#max / 8);
    for (const [clientId, client] of this.#clients) {
      if (wanted-- <= 0) break;
      this.#clients.delete(clientId);
      if (client.pins > 0) this.#clients.set(clientId, client);
    }
  }

  /** Forgets all that is staged: what is on disk holds, and the epochs that were told. */
  clear(): void {
    this.#clients.clear();
    this.#totals = undefined;
  }

  #make(clientId: string): Client {
    const { totals } = this;
    return this.#add(clientId, {
      number: totals.nextNumber++,
      epoch: 0n,
      lastSequence: -1n,
      head: totals.orderBase,
      removedUpTo: totals.orderBase,
      bytes: 0,
      refusals: 0,
      refusalsRemovedUpTo: -1n,
      second: 0,
      layout: undefined,
    });
  }

  #add(clientId: string, row: ClientRow): Client {
    const { number, epoch, lastSequence, head, layout, ...kept } = row;
    const position: Position = { epoch, lastSequence, head, layout };
    const told = this.epochOf(clientId, epoch);
    const key = clientKey(clientId);
    const client: Client = {
      id: clientId,
      key,
      keySeed: checksum(key),
      number,
      seed: checksum(key.subarray(1)),
      kept,
      staged: told === epoch ? position : { ...position, epoch: told },
      sealed: position,
      flushed: position,
      removedUpTo: kept.removedUpTo,
      pins: 0,
    };
    this.#clients.set(clientId, client);
    return client;
  }
}
