/** Something that one process does over and over on one thread. */
export interface Loop {
  /** How many operations one call does. Default 1. */
  readonly operations?: number;
  /** Returns something that depends on what was done, so that it has to be done. */
  run(): number;
}

export type Loops = Readonly<Record<string, Loop>>;

/** Calls `use` with each of `values` in turn, so that no call can use what the one before has found out. */
export function cycling<T>(values: readonly T[], use: (value: T) => number): () => number {
  let next = 0;
  return () => {
    const value = values[next % values.length] as T;
    next += 1;
    return use(value);
  };
}
