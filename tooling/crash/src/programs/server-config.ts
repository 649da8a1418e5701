import type { LmdbStoreOptions } from '@sealwire/store-lmdb';
import type { DieAt } from './fate.js';

export const serverSteps = [
  'hello',
  'claim',
  'claimed',
  'handler',
  'staged',
  'flushed',
  'replay',
  'answer',
] as const;

/** Of the harness's own server program; given as JSON in its first argument. */
export interface ServerConfig {
  readonly boot: number;
  /** Folder with keys and journals. */
  readonly folder: string;
  /** Folder of the store. */
  readonly data: string;
  readonly clientIds: readonly string[];
  readonly port?: number;
  readonly store?: Omit<LmdbStoreOptions, 'now'>;
  readonly deadlines?: Readonly<Record<string, number>>;
  readonly stallTimeout?: number;
  /** Milliseconds between two events of its own; 0 for none. Default 40. */
  readonly newsEvery?: number;
  readonly dieAt?: DieAt | undefined;
}
