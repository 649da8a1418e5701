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
  /** Of its journals, where several processes have one id. Default: the id. */
  readonly name?: string;
  /** Folder of the durable state. */
  readonly state: string;
  /** The state is in memory instead. */
  readonly memory?: boolean;
  readonly port: number;
  readonly others: readonly string[];
  /** Milliseconds between two messages; 0: it only listens. Default 20. */
  readonly sendEvery?: number;
  /** Messages without an outcome. Default 256. */
  readonly outbox?: number;
  readonly deadlines?: Readonly<Record<string, number>>;
  /** Milliseconds that the handler takes now and then. Default 2. */
  readonly handlerPause?: number;
  readonly dieAt?: DieAt | undefined;
}
