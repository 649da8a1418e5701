/** Two sets of measurements, compared. */
export interface Comparison {
  readonly means: readonly [number, number];
  /** Welch's t of all of them. */
  readonly t: number;
  /** The same without the slowest tenth of both together, which are the machine's doing. */
  readonly tCropped: number;
}

/** Above it the two differ by more than chance (the threshold of ISO/IEC 17825 for leakage tests). */
export const threshold = 4.5;

export function compare(first: readonly number[], second: readonly number[]): Comparison {
  const pooled = [...first, ...second].sort((a, b) => a - b);
  const slowest = pooled[Math.floor(pooled.length * 0.9)] ?? Number.POSITIVE_INFINITY;
  const cropped = (values: readonly number[]) => values.filter((value) => value < slowest);
  return {
    means: [mean(first), mean(second)],
    t: welch(first, second),
    tCropped: welch(cropped(first), cropped(second)),
  };
}

/** Welch's t statistic: the difference of the means in units of its standard error. */
export function welch(first: readonly number[], second: readonly number[]): number {
  const error = variance(first) / first.length + variance(second) / second.length;
  return (mean(first) - mean(second)) / Math.sqrt(error);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the population that the values are a sample of. */
function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
