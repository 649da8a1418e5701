import {
  type ClientChange,
  type ClientState,
  type OutboxEntry,
  type SavedClient,
  STORE_LIMITS,
  StoreError,
} from '@sealwire/store';
import type { SimClock } from '../world/clock.js';
import type { Random } from '../world/random.js';
import type { SimProcess } from '../world/sim-process.js';
import { type DiskPace, SimDisk } from './disk.js';
import { promised, rejected } from './promised.js';

/** What one client remembers on its disk, over all of its processes. */
export class ClientDisk {
  readonly disk: SimDisk;
  readonly #maxOutbox: number;
  #durable: SavedClient = {
    savedOrder: -1n,
    reservedOrder: -1n,
    nextIndex: 0n,
    sequenceOffset: undefined,
    outbox: [],
    pin: undefined,
  };
  #staged: SavedClient = this.#durable;
  #owner = 0;

  constructor(clock: SimClock, random: Random, pace: DiskPace, maxOutbox: number) {
    this.#maxOutbox = maxOutbox;
    this.disk = new SimDisk(clock, random, pace, () => {
      this.#staged = this.#durable;
    });
  }

  /** The durable truth. */
  get saved(): SavedClient {
    return this.#durable;
  }

  /** A new process takes the state over; from here on the handle of the one before fails. */
  open(process: SimProcess): ClientState {
    const owner = ++this.#owner;
    let closed = false;
    const change = (next: (saved: SavedClient) => SavedClient): Promise<void> => {
      if (!process.alive) return new Promise<void>(() => {});
      if (closed || owner !== this.#owner)
        return rejected(new StoreError('E_CLOSED', 'the client state is open elsewhere'));
      try {
        return process.settled(this.#change(next));
      } catch (error) {
        return rejected(error);
      }
    };
    return {
      load: async () => {
        await change((saved) => saved);
        return this.#durable;
      },
      append: (entries) => change((saved) => appended(saved, entries, this.#maxOutbox)),
      trim: (upToIndex) => change((saved) => trimmed(saved, upToIndex)),
      save: (fields) => change((saved) => changed(saved, fields)),
      close: async () => {
        closed = true;
      },
    };
  }

  #change(next: (saved: SavedClient) => SavedClient): Promise<void> {
    const staged = next(this.#staged);
    this.#staged = staged;
    const done = promised<void>();
    this.disk.stage({
      keep: () => {
        this.#durable = staged;
      },
      tell: () => done.resolve(),
      drop: (error) => done.reject(error),
    });
    return done.promise;
  }
}

function appended(saved: SavedClient, entries: readonly OutboxEntry[], maxOutbox: number): SavedClient {
  let { nextIndex } = saved;
  for (const { index, json } of entries) {
    if (json.length > STORE_LIMITS.json) throw new StoreError('E_ARGUMENT', 'json is too long');
    if (index !== nextIndex)
      throw new StoreError('E_SEQUENCE', `index ${index} given where ${nextIndex} is next`);
    nextIndex += 1n;
  }
  if (saved.outbox.length + entries.length > maxOutbox) throw new StoreError('E_FULL', 'the outbox is full');
  return withOutbox(saved, nextIndex, saved.outbox.concat(entries));
}

function trimmed(saved: SavedClient, upToIndex: bigint): SavedClient {
  if (!isHyper(upToIndex) || upToIndex >= saved.nextIndex) {
    throw new StoreError('E_ARGUMENT', `index ${upToIndex} was never appended`);
  }
  const first = saved.nextIndex - BigInt(saved.outbox.length);
  return withOutbox(saved, saved.nextIndex, saved.outbox.slice(Math.max(0, Number(upToIndex - first) + 1)));
}

/** Every field by name, here and in `changed`: spread objects get shapes of their own, and reading those is slow. */
function withOutbox(saved: SavedClient, nextIndex: bigint, outbox: readonly OutboxEntry[]): SavedClient {
  const { savedOrder, reservedOrder, sequenceOffset, pin } = saved;
  return { savedOrder, reservedOrder, nextIndex, sequenceOffset, outbox, pin };
}

function changed(saved: SavedClient, change: ClientChange): SavedClient {
  const savedOrder = change.savedOrder ?? saved.savedOrder;
  let reservedOrder = change.reservedOrder ?? saved.reservedOrder;
  if (change.reservedOrder === undefined && reservedOrder < savedOrder) reservedOrder = savedOrder;
  const offset = change.sequenceOffset ?? 0n;
  if (
    !isHyper(savedOrder) ||
    !isHyper(reservedOrder) ||
    typeof offset !== 'bigint' ||
    reservedOrder < savedOrder
  ) {
    throw new StoreError(
      'E_ARGUMENT',
      'an ORDER is a bigint of at least -1n, and reservedOrder at least savedOrder',
    );
  }
  if (change.pin != null && !(change.pin instanceof Uint8Array && change.pin.length <= STORE_LIMITS.pin))
    throw new StoreError('E_ARGUMENT', 'pin is too long');
  return {
    savedOrder,
    reservedOrder,
    nextIndex: saved.nextIndex,
    sequenceOffset: change.sequenceOffset ?? saved.sequenceOffset,
    outbox: saved.outbox,
    pin: change.pin === undefined ? saved.pin : (change.pin ?? undefined),
  };
}

function isHyper(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= -1n;
}
