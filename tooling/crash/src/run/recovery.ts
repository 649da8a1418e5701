import type { ClientRecord, ServerRecord } from '../records.js';

/** Milliseconds; the goal of the design. */
export const longestRecovery = 1_000;

/**
 * More than one in a hundred took longer, and more than one: of the few restarts of a short run the slowest says what the
 * machine did meanwhile, not what recovery takes.
 */
export function tooSlow(recoveries: readonly number[]): boolean {
  const slow = recoveries.filter((took) => took > longestRecovery).length;
  return slow > Math.max(1, recoveries.length / 100);
}

/**
 * Milliseconds from each server that listens again to the first outcome that any client was told then, by boot. A
 * server that died before counts with its whole life, if that was longer than what is allowed, and else not at all.
 *
 * @param diedAt when each server was gone, by boot; the last one need not be there
 */
export function recoveries(
  server: readonly ServerRecord[],
  clients: Iterable<readonly ClientRecord[]>,
  diedAt: ReadonlyMap<number, number>,
  allowed: number,
): Map<number, number> {
  const told = [...clients]
    .flatMap((records) => records.filter(({ kind }) => kind === 'outcome').map(({ at }) => at))
    .sort((a, b) => a - b);
  const found = new Map<number, number>();
  let place = 0;
  for (const record of server) {
    if (record.kind !== 'listening') continue;
    while ((told[place] ?? Number.POSITIVE_INFINITY) < record.at) place += 1;
    const first = told[place];
    const end = diedAt.get(record.boot) ?? Number.POSITIVE_INFINITY;
    // The first server had nothing to recover from.
    if (record.boot === 1) continue;
    if (first !== undefined && first < end) found.set(record.boot, first - record.at);
    else if (end - record.at > allowed) found.set(record.boot, end - record.at);
  }
  return found;
}
