import { StoreError } from '@sealwire/store';
import { readOptions } from '@sealwire/store/kit';

export interface FileStateOptions {
  /** Unconfirmed messages. Default 10,000, at most 16,777,216; more are refused with E_FULL. */
  readonly maxOutboxEntries?: number;
  /** Bytes of json of unconfirmed messages. Default 16 MiB, at most 256 MiB; more are refused with E_FULL. */
  readonly maxOutboxBytes?: number;
  /**
   * Bytes of the journal from which on it is replaced by a shorter one, or twice the state if that is more.
   * Default 4 MiB, at most 256 MiB.
   */
  readonly compactBytes?: number;
}

export const FILE_STATE_DEFAULTS = {
  maxOutboxEntries: 10_000,
  maxOutboxBytes: 16_777_216,
  compactBytes: 4_194_304,
} as const;

const LARGEST: Required<FileStateOptions> = {
  maxOutboxEntries: 16_777_216,
  maxOutboxBytes: 268_435_456,
  compactBytes: 268_435_456,
};

/** No journal of these options is longer: twice the largest state, and one record more. */
export const MAX_JOURNAL_BYTES = 1_073_741_824;

export function normalizeOptions(options: FileStateOptions): Required<FileStateOptions> {
  const complete = { ...FILE_STATE_DEFAULTS, ...readOptions<FileStateOptions>(options, FILE_STATE_DEFAULTS) };
  for (const name of ['maxOutboxEntries', 'maxOutboxBytes', 'compactBytes'] as const) {
    const value = complete[name];
    if (!Number.isSafeInteger(value) || value < 1 || value > LARGEST[name]) {
      throw new StoreError('E_ARGUMENT', `${name} must be a whole number from 1 to ${LARGEST[name]}`);
    }
  }
  return complete;
}
