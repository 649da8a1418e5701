import type { Figure } from '../benchmark.js';
import { median } from './sample.js';

type Bounds = Pick<Figure, 'least' | 'most'>;

/** The median of the repetitions, and how far apart they lie. */
export function repeated(what: string, values: readonly number[], unit: string, bounds: Bounds = {}): Figure {
  return {
    what,
    value: median(values),
    unit,
    spread: [Math.min(...values), Math.max(...values)],
    timing: true,
    ...bounds,
  };
}

/** Of each repetition, because what the two have in common in one they have not in the next; then as above. */
export function ratio(
  what: string,
  values: readonly number[],
  others: readonly number[],
  bounds: Bounds = {},
): Figure {
  return repeated(
    what,
    values.map((value, repetition) => value / (others[repetition] ?? Number.NaN)),
    '×',
    bounds,
  );
}

export function thousands(perSecond: readonly number[]): readonly number[] {
  return perSecond.map((value) => value / 1_000);
}
