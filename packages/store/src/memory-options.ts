import { readOptions } from './check.js';
import { StoreError } from './errors.js';

/** Bounds of a server's memory. What a bound removes moves `removedUpTo`: clients get an error, no silent hole. */
export interface MemoryServerStoreOptions {
  /** Kept messages per client. Default 100,000. The oldest go first. */
  readonly maxEntriesPerClient?: number;
  /**
   * Bytes of kept messages per client, each counted as its json and {@link ENTRY_COST}. Default 64 MiB.
   * A message that alone is larger is refused with E_FULL.
   */
  readonly maxBytesPerClient?: number;
  /** Milliseconds that a message is kept, by `now`. Default Infinity: count and bytes alone decide. */
  readonly maxAge?: number;
  /** Bytes of messages and refusals of all clients together. Default 512 MiB. The oldest go first, whosever. */
  readonly maxTotalBytes?: number;
  /** Refusals remembered per client. Default 1,024. The oldest go first. */
  readonly maxRefusals?: number;
  /** Clients with a record. Default 100,000; one more is refused with E_FULL. */
  readonly maxClients?: number;
  /** Bytes of the application's keys and values. Default 64 MiB; more is refused with E_FULL. */
  readonly maxStateBytes?: number;
  /** Milliseconds that never go back; used for `maxAge` only. Default `performance.now()`. */
  readonly now?: () => number;
}

/** Bytes that every kept message, refusal and key counts beside its content. */
export const ENTRY_COST = 256;

const MIB = 1_048_576;

export const MEMORY_DEFAULTS = {
  maxEntriesPerClient: 100_000,
  maxBytesPerClient: 64 * MIB,
  maxAge: Number.POSITIVE_INFINITY,
  maxTotalBytes: 512 * MIB,
  maxRefusals: 1024,
  maxClients: 100_000,
  maxStateBytes: 64 * MIB,
} as const;

export function normalizeMemoryOptions(given: MemoryServerStoreOptions): Required<MemoryServerStoreOptions> {
  const options = readOptions<MemoryServerStoreOptions>(given, { ...MEMORY_DEFAULTS, now: true });
  const { maxBytesPerClient, maxTotalBytes } = options;
  const complete: Required<MemoryServerStoreOptions> = {
    ...MEMORY_DEFAULTS,
    now: () => performance.now(),
    ...options,
    // A bound that was not named follows the one that was, so that naming one never contradicts a default.
    maxBytesPerClient:
      maxBytesPerClient ?? Math.min(MEMORY_DEFAULTS.maxBytesPerClient, maxTotalBytes ?? Infinity),
    maxTotalBytes: maxTotalBytes ?? Math.max(MEMORY_DEFAULTS.maxTotalBytes, maxBytesPerClient ?? 0),
  };
  checkBounds(complete);
  if (complete.maxBytesPerClient > complete.maxTotalBytes) {
    throw new StoreError(
      'E_ARGUMENT',
      'maxBytesPerClient is larger than maxTotalBytes: it could never apply',
    );
  }
  return complete;
}

/** Every bound is a number of at least 1; all but an age are integers. */
export function checkBounds(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (!name.startsWith('max')) continue;
    const valid =
      name === 'maxAge' ? typeof value === 'number' && value >= 1 : Number.isSafeInteger(value) && value >= 1;
    if (!valid) throw new StoreError('E_ARGUMENT', `${name} must be a whole number of at least 1`);
  }
}
