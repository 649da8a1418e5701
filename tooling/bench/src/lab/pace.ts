import type { Scale } from '../benchmark.js';

/** How long a comparison takes. */
export interface RunPace {
  readonly repetitions: number;
  /** Milliseconds that are not measured, until the code is compiled and the queues are as full as they get. */
  readonly warmMs: number;
  /** Milliseconds that are. */
  readonly ms: number;
}

export const paceOf: Readonly<Record<Scale, RunPace>> = {
  smoke: { repetitions: 1, warmMs: 20, ms: 60 },
  small: { repetitions: 3, warmMs: 300, ms: 700 },
  full: { repetitions: 5, warmMs: 1_500, ms: 3_000 },
};
