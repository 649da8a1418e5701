import type { DieAt } from './fate.js';

export const clientSteps = [
  'append',
  'appended',
  'reserved',
  'got',
  'done',
  'saving',
  'saved',
  'full',
] as const;

/** Of the harness's own client program; given as JSON in its first argument. */
export interface ClientConfig {
  readonly boot: number;
  readonly id: string;
  /** Folder with keys and journals. */
  readonly folder: string;
  /** Folder of the durable state; without it the state is in memory. */
  readonly state?: string;
  readonly port: number;
  readonly others: readonly string[];
  /** Milliseconds between two messages; 0: as fast as there is room. Default 20. */
  readonly sendEvery?: number;
  /** Messages without an outcome. Default 256. */
  readonly outbox?: number;
  readonly deadlines?: Readonly<Record<string, number>>;
  /** Milliseconds that the handler takes now and then. Default 2. */
  readonly handlerPause?: number;
  readonly dieAt?: DieAt | undefined;
}
