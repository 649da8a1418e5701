/** Does the work for each, so many at a time. */
export async function inLanes<T>(
  count: number,
  all: Iterable<T>,
  work: (each: T) => Promise<void>,
): Promise<void> {
  const rest = all[Symbol.iterator]();
  const lane = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: count }, lane));
}
