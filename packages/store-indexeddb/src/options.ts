import { StoreError } from '@sealwire/store';
import { readOptions } from '@sealwire/store/kit';

export interface IndexedDbStateOptions {
  /** Unconfirmed messages. Default 10,000, at most 16,777,216; more are refused with E_FULL. */
  readonly maxOutboxEntries?: number;
  /** Bytes of json of unconfirmed messages. Default 16 MiB, at most 256 MiB; more are refused with E_FULL. */
  readonly maxOutboxBytes?: number;
  /** Milliseconds to wait for a page that is about to let go, such as the one before a reload. Default 1,000. */
  readonly lockTimeout?: number;
}

export const INDEXEDDB_STATE_DEFAULTS = {
  maxOutboxEntries: 10_000,
  maxOutboxBytes: 16_777_216,
  lockTimeout: 1_000,
} as const;

const LARGEST: Required<IndexedDbStateOptions> = {
  maxOutboxEntries: 16_777_216,
  maxOutboxBytes: 268_435_456,
  lockTimeout: 600_000,
};

export function normalizeOptions(options: IndexedDbStateOptions): Required<IndexedDbStateOptions> {
  const complete = {
    ...INDEXEDDB_STATE_DEFAULTS,
    ...readOptions<IndexedDbStateOptions>(options, INDEXEDDB_STATE_DEFAULTS),
  };
  for (const name of ['maxOutboxEntries', 'maxOutboxBytes', 'lockTimeout'] as const) {
    const value = complete[name];
    if (!Number.isSafeInteger(value) || value < 1 || value > LARGEST[name]) {
      throw new StoreError('E_ARGUMENT', `${name} must be a whole number from 1 to ${LARGEST[name]}`);
    }
  }
  return complete;
}
