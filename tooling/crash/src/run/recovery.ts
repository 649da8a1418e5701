import type { ClientRecord, ServerRecord } from '../records.js';

/**
 * Milliseconds from each server that listens again to the first outcome that any client was told then, by boot. A
 * server that died before has none.
 */
export function recoveries(
  server: readonly ServerRecord[],
  clients: Iterable<readonly ClientRecord[]>,
): Map<number, number> {
  const told = [...clients]
    .flatMap((records) => records.filter(({ kind }) => kind === 'outcome').map(({ at }) => at))
    .sort((a, b) => a - b);
  const begins = server.filter(({ kind }) => kind === 'boot').map(({ at }) => at);
  const found = new Map<number, number>();
  let place = 0;
  for (const record of server) {
    if (record.kind !== 'listening') continue;
    while ((told[place] ?? Number.POSITIVE_INFINITY) < record.at) place += 1;
    const first = told[place];
    const end = begins.find((at) => at > record.at) ?? Number.POSITIVE_INFINITY;
    if (first !== undefined && first < end) found.set(record.boot, first - record.at);
  }
  return found;
}
