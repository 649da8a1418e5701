import type { ClientChange, OutboxEntry, SavedClient } from './client-state.js';
import { StoreError } from './errors.js';
import { STORE_LIMITS } from './limits.js';

export interface ImageBounds {
  readonly maxOutboxEntries: number;
  readonly maxOutboxBytes: number;
}

/** What one flush makes durable: the small fields as they are now, and what came since the flush before. */
export interface ImageChange {
  readonly savedOrder: bigint;
  readonly reservedOrder: bigint;
  readonly sequenceOffset: bigint | undefined;
  /** Entries below are forgotten; with an empty outbox it equals `nextIndex`. */
  readonly firstIndex: bigint;
  readonly nextIndex: bigint;
  /** Contiguous, ending at `nextIndex - 1n`. */
  readonly appended: readonly OutboxEntry[];
  /** undefined: as before; null: none. */
  readonly pin: Uint8Array | null | undefined;
}

export const EMPTY_CLIENT: SavedClient = {
  savedOrder: -1n,
  reservedOrder: -1n,
  nextIndex: 0n,
  sequenceOffset: undefined,
  outbox: [],
  pin: undefined,
};

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** The state in memory: refuses what the contract refuses, and knows what is not written yet. */
export class ClientImage {
  readonly #bounds: ImageBounds;
  #saved: Omit<SavedClient, 'outbox'>;
  #outbox: OutboxEntry[];
  #bytes: number;
  /** Entries from here on are not in any change yet. */
  #fresh: bigint;
  #pinChanged = false;
  #dirty = false;

  /** What was saved before may be more than the bounds allow: it stays, and nothing is added until there is room. */
  constructor({ outbox, ...saved }: SavedClient, bounds: ImageBounds) {
    this.#bounds = bounds;
    this.#saved = saved;
    this.#outbox = [...outbox];
    this.#bytes = outbox.reduce((sum, { json }) => sum + json.byteLength, 0);
    this.#fresh = saved.nextIndex;
  }

  /** Is there something that no change holds? */
  get dirty(): boolean {
    return this.#dirty;
  }

  saved(): SavedClient {
    return { ...this.#saved, outbox: [...this.#outbox] };
  }

  append(entries: readonly OutboxEntry[]): void {
    const { maxOutboxEntries, maxOutboxBytes } = this.#bounds;
    let next = this.#saved.nextIndex;
    let bytes = this.#bytes;
    for (const { index, json } of entries) {
      if (index !== next) throw new StoreError('E_SEQUENCE', `index ${index} given where ${next} is next`);
      next += 1n;
      bytes += checkBytes(json, 'json', STORE_LIMITS.json);
    }
    if (entries.length === 0) return;
    const count = this.#outbox.length;
    if (count + entries.length > maxOutboxEntries) {
      throw new StoreError('E_FULL', `maxOutboxEntries: ${count} messages wait for confirmation`);
    }
    if (bytes > maxOutboxBytes) {
      throw new StoreError('E_FULL', `maxOutboxBytes: ${this.#bytes} bytes wait for confirmation`);
    }
    for (const { index, json } of entries) this.#outbox.push({ index, json });
    this.#bytes = bytes;
    this.#change({ nextIndex: next });
  }

  trim(upToIndex: bigint): void {
    const { nextIndex } = this.#saved;
    checkHyper(upToIndex, 'upToIndex', -1n);
    if (upToIndex >= nextIndex) {
      throw new StoreError('E_ARGUMENT', `index ${upToIndex} was never appended: ${nextIndex} is next`);
    }
    const count = Number(upToIndex - this.#first + 1n);
    if (count <= 0) return;
    for (const { json } of this.#outbox.splice(0, count)) this.#bytes -= json.byteLength;
    if (this.#fresh <= upToIndex) this.#fresh = upToIndex + 1n;
    this.#dirty = true;
  }

  save(change: ClientChange): void {
    const saved = this.#saved;
    const savedOrder = change.savedOrder ?? saved.savedOrder;
    let reservedOrder = change.reservedOrder ?? saved.reservedOrder;
    if (change.reservedOrder === undefined && reservedOrder < savedOrder) reservedOrder = savedOrder;
    const sequenceOffset = change.sequenceOffset ?? saved.sequenceOffset;
    checkHyper(savedOrder, 'savedOrder', -1n);
    checkHyper(reservedOrder, 'reservedOrder', savedOrder);
    if (sequenceOffset !== undefined) checkHyper(sequenceOffset, 'sequenceOffset', MIN);
    if (change.pin != null) checkBytes(change.pin, 'pin', STORE_LIMITS.pin);
    const pin = change.pin === undefined ? saved.pin : (change.pin ?? undefined);
    if (pin !== saved.pin) this.#pinChanged = true;
    const moved =
      savedOrder !== saved.savedOrder ||
      reservedOrder !== saved.reservedOrder ||
      sequenceOffset !== saved.sequenceOffset ||
      pin !== saved.pin;
    if (moved) this.#change({ savedOrder, reservedOrder, sequenceOffset, pin });
  }

  /** What no change holds yet. It counts as written from here on. */
  takeChange(): ImageChange {
    const { pin } = this.#saved;
    const appended = this.#outbox.slice(Number(this.#fresh - this.#first));
    const change = { ...this.#fields(), appended, pin: this.#pinChanged ? (pin ?? null) : undefined };
    this.#fresh = this.#saved.nextIndex;
    this.#pinChanged = false;
    this.#dirty = false;
    return change;
  }

  /** All of it, as one change of the empty state. */
  whole(): ImageChange {
    return { ...this.#fields(), appended: [...this.#outbox], pin: this.#saved.pin ?? null };
  }

  get #first(): bigint {
    return this.#saved.nextIndex - BigInt(this.#outbox.length);
  }

  #fields() {
    const { savedOrder, reservedOrder, sequenceOffset, nextIndex } = this.#saved;
    return { savedOrder, reservedOrder, sequenceOffset, nextIndex, firstIndex: this.#first };
  }

  #change(fields: Partial<Omit<SavedClient, 'outbox'>>): void {
    this.#saved = { ...this.#saved, ...fields };
    this.#dirty = true;
  }
}

/** A whole number that fits in the HYPER it is stored as (RFC 4506, section 4.5). */
function checkHyper(value: unknown, name: string, min: bigint): void {
  if (typeof value !== 'bigint' || value < min || value > MAX) {
    throw new StoreError('E_ARGUMENT', `${name} must be a bigint from ${min} to ${MAX}`);
  }
}

/** Returns the length. */
function checkBytes(bytes: unknown, name: string, max: number): number {
  if (!(bytes instanceof Uint8Array)) throw new StoreError('E_ARGUMENT', `${name} must be a Uint8Array`);
  if (bytes.byteLength > max) throw new StoreError('E_ARGUMENT', `${name} is longer than ${max} bytes`);
  return bytes.byteLength;
}
