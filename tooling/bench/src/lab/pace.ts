import type { Scale } from '../benchmark.js';

/** How long a comparison takes. */
export interface RunPace {
  readonly repetitions: number;
  /** Milliseconds that are not measured, until the code is compiled and the queues are as full as they get. */
  readonly warmMs: number;
  /** Messages of a push that have to be among these, because a busy machine does little in that time. */
  readonly warmMessages: number;
  /** The same for calls and handshakes. */
  readonly warmCalls: number;
  /** Milliseconds that are. */
  readonly ms: number;
}

export const paceOf: Readonly<Record<Scale, RunPace>> = {
  smoke: { repetitions: 1, warmMs: 20, warmMessages: 0, warmCalls: 0, ms: 60 },
  small: { repetitions: 3, warmMs: 300, warmMessages: 30_000, warmCalls: 300, ms: 700 },
  full: { repetitions: 5, warmMs: 1_500, warmMessages: 150_000, warmCalls: 2_000, ms: 3_000 },
};
