import { journalPath, readJournal } from '../journal.js';
import type { ClientRecord } from '../records.js';

/** What the application itself has kept: the next number to send, and the ORDER that it saved with its last effect. */
export interface Kept {
  nextN: number;
  done: bigint;
}

/** Each journal begins with what was known before it, so only the last one that has a line is read. */
export function recall(folder: string, id: string, boot: number): Kept {
  for (let earlier = boot - 1; earlier >= 0; earlier -= 1) {
    const records = readJournal<ClientRecord>(journalPath(folder, id, earlier));
    const first = records[0];
    if (first?.kind !== 'boot') continue;
    const kept: Kept = { nextN: first.nextN, done: BigInt(first.done) };
    for (const record of records) {
      if (record.kind === 'send') kept.nextN = record.n + 1;
      if (record.kind === 'done') kept.done = BigInt(record.order);
    }
    return kept;
  }
  return { nextN: 0, done: 0n };
}
