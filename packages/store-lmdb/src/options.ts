import { StoreError } from '@sealwire/store';
import { readOptions } from '@sealwire/store/kit';

/** Bounds of a server's store on disk. What retention removes moves `removedUpTo`: an error for clients, no silent hole. */
export interface LmdbStoreOptions {
  /**
   * Bytes that may be in use in the data file. Default 16 GiB. Commits that would need more fail with E_DISK_FULL;
   * claims go on, and so do commits that only consume or remove, unless they are staged behind one that fails. The file
   * may be larger by what is free in it.
   */
  readonly maxSize?: number;
  /** Kept messages per client. Default 100,000. The oldest go first. */
  readonly maxEntriesPerClient?: number;
  /**
   * Bytes of kept messages per client, each counted as its json and {@link ROW_COST}. Default 64 MiB. A message that
   * alone is larger is refused with E_FULL.
   */
  readonly maxBytesPerClient?: number;
  /** Milliseconds that a message is kept, by `now`, to the second. Default Infinity: count and bytes alone decide. */
  readonly maxAge?: number;
  /**
   * Bytes of kept messages of all clients, at most half of `maxSize`. Default 4 GiB. The oldest go first, whosever; of
   * what came within one second the clients lose their oldest in turns.
   */
  readonly maxTotalBytes?: number;
  /** Refusals remembered per client. Default 1,024. The oldest go first. */
  readonly maxRefusals?: number;
  /** Bytes that wait for their flush. Default 128 MiB; more is refused with E_FULL. */
  readonly maxStagedBytes?: number;
  /**
   * Bytes of flushed messages that are kept in memory for sessions that are about to read them, all clients together.
   * Default 8 MiB. The oldest go first, and what is gone is read from the disk.
   */
  readonly maxTailBytes?: number;
  /** Clients whose record is kept in memory. Default 100,000; the others are read when they are needed. */
  readonly maxCachedClients?: number;
  /**
   * Milliseconds since 1970; used for `maxAge` and `maxTotalBytes` only. Default `Date.now()`, because an age must be
   * known over restarts. A clock that jumps makes messages go that much too early or too late.
   */
  readonly now?: () => number;
}

/** Bytes that every kept message counts beside its json: its key, header and share of the tree. */
export const ROW_COST = 64;

const MIB = 1_048_576;
const GIB = 1024 * MIB;

export const LMDB_DEFAULTS = {
  maxSize: 16 * GIB,
  maxEntriesPerClient: 100_000,
  maxBytesPerClient: 64 * MIB,
  maxAge: Number.POSITIVE_INFINITY,
  maxTotalBytes: 4 * GIB,
  maxRefusals: 1024,
  maxStagedBytes: 128 * MIB,
  maxTailBytes: 8 * MIB,
  maxCachedClients: 100_000,
} as const;

const SMALLEST_SIZE = MIB;

/** A bound that was not named follows those that were, so that naming one never contradicts a default. */
export function normalizeOptions(given: LmdbStoreOptions): Required<LmdbStoreOptions> {
  const options = readOptions<LmdbStoreOptions>(given, { ...LMDB_DEFAULTS, now: true });
  for (const name of ['maxSize', 'maxBytesPerClient', 'maxTotalBytes'] as const) {
    // The defaults of the others are counted from these.
    if (options[name] !== undefined && typeof options[name] !== 'number') throw notWhole(name);
  }
  const { maxSize = LMDB_DEFAULTS.maxSize, maxBytesPerClient, maxTotalBytes } = options;
  const total =
    maxTotalBytes ?? Math.min(Math.max(LMDB_DEFAULTS.maxTotalBytes, maxBytesPerClient ?? 0), maxSize / 2);
  const complete: Required<LmdbStoreOptions> = {
    ...LMDB_DEFAULTS,
    now: Date.now,
    ...options,
    maxTotalBytes: Math.floor(total),
    maxBytesPerClient: maxBytesPerClient ?? Math.min(LMDB_DEFAULTS.maxBytesPerClient, Math.floor(total)),
  };
  for (const [name, value] of Object.entries(complete)) {
    if (name === 'now') continue;
    const valid =
      name === 'maxAge'
        ? typeof value === 'number' && value >= 1
        : Number.isSafeInteger(value) && Number(value) >= 1;
    if (!valid) throw notWhole(name);
  }
  if (complete.maxSize < SMALLEST_SIZE) throw new StoreError('E_ARGUMENT', 'maxSize must be at least 1 MiB');
  if (complete.maxTotalBytes * 2 > complete.maxSize) {
    throw new StoreError(
      'E_ARGUMENT',
      'maxTotalBytes is more than half of maxSize: the log would fill the store',
    );
  }
  if (complete.maxBytesPerClient > complete.maxTotalBytes) {
    throw new StoreError(
      'E_ARGUMENT',
      'maxBytesPerClient is larger than maxTotalBytes: it could never apply',
    );
  }
  return complete;
}

function notWhole(name: string): StoreError {
  return new StoreError('E_ARGUMENT', `${name} must be a whole number of at least 1`);
}
