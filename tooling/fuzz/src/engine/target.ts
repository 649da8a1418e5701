import type { Probe } from './probe.js';
import type { Random } from './random.js';

/** One way in for bytes from outside, and what holds for all of them. */
export interface Target {
  /** Also the name of its folder in the corpus. */
  readonly name: string;
  /** Whose code has to be reached: paths from the root of the repository, of files as they are built. */
  readonly sources: readonly string[];
  /** Part of the runs in relation to the others. Default 1; less for a slow target. */
  readonly share?: number;
  /** Inputs to begin with, beside the corpus. */
  readonly seeds: () => readonly Uint8Array[];
  /** What a mutation may put anywhere. */
  readonly dictionary?: readonly Uint8Array[];
  /** A mostly valid input. */
  readonly generate?: (random: Random) => Uint8Array;
  /** Calls the code through the probe and throws a Violation where a rule does not hold. */
  run(input: Uint8Array, probe: Probe): void | Promise<void>;
}
