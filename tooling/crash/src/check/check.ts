import type { ClientRecord, ServerRecord } from '../records.js';
import { checkEvents } from './events.js';
import { checkMessages } from './messages.js';
import { checkCommits, checkServer } from './publishes.js';
import type { Truth } from './truth.js';
import { Findings, type Violation } from './violation.js';

export interface Evidence {
  readonly clients: ReadonlyMap<string, readonly ClientRecord[]>;
  readonly server: readonly ServerRecord[];
  readonly truth: Truth;
}

/** Holds what was told and seen against what the database has. Knows nothing of how either came about. */
export function check({ clients, server, truth }: Evidence): readonly Violation[] {
  const findings = new Findings();
  for (const [id, records] of clients) {
    const held = truth.get(id);
    if (held === undefined) {
      findings.add('lost', id, 'the database knows nothing of this client');
      continue;
    }
    checkMessages(id, records, held, findings);
    checkEvents(id, records, held, findings);
  }
  checkCommits(truth, findings);
  checkServer(server, truth, findings);
  return findings.violations;
}
