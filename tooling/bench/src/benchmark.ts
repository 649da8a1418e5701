/**
 * How much is done: `smoke` in seconds, for the tests; `small` to try something out; `full` is what the goals speak of.
 */
export type Scale = 'smoke' | 'small' | 'full';

export const scales: readonly Scale[] = ['smoke', 'small', 'full'];

/** One number of a run. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The lowest and the highest of several repetitions, of which `value` is the median. */
  readonly spread?: readonly [number, number];
  readonly least?: number;
  readonly most?: number;
  /**
   * How far it has come where the bound is known to be missed on every machine: the tests hold it to this instead, so
   * that it gets no worse. It is told as missed all the same.
   */
  readonly reached?: number;
  /** Bounded by the machine's speed too: a busy machine may miss it through no fault of the product. Default false. */
  readonly timing?: boolean;
}

/** One file in `speed/` or `reliability/` each. */
export interface Benchmark {
  readonly name: string;
  readonly measures: string;
  readonly target: string;
  /** Of the fault catalogue. */
  readonly covers: readonly string[];
  run(lab: Lab, scale: Scale): Promise<readonly Figure[]>;
}

export type { Lab } from './lab/lab.js';

import type { Lab } from './lab/lab.js';

/** Does the figure keep what the tests can ask for on any machine? */
export function holdsAnywhere(figure: Figure): boolean {
  const { value, reached, timing = false, least, most } = figure;
  if (timing || holds(figure)) return true;
  if (reached === undefined) return false;
  return most === undefined ? least !== undefined && value >= reached : value <= reached;
}

/** Does the figure keep its bounds? One without bounds is told, not judged. */
export function holds({
  value,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
}: Figure): boolean {
  return value >= least && value <= most;
}
