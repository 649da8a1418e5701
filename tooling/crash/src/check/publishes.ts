import type { EventPayload, ServerRecord } from '../records.js';
import type { Truth } from './truth.js';
import type { Findings } from './violation.js';

/** The database against itself: an effect and what its handler published are one commit. */
export function checkCommits(truth: Truth, findings: Findings): void {
  const places = new Map<string, bigint>();
  const key = (by: string, sequence: string, part: number, at: string) =>
    `${by} ${sequence}.${part} at ${at}`;
  for (const [at, { log }] of truth) {
    let [boot, n] = [0, 0];
    for (const [order, event] of [...log].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (event.kind === 'news') {
        const forward = event.boot > boot || (event.boot === boot && event.n > n);
        if (!forward)
          findings.add(
            'publish-order',
            at,
            `ORDER ${order} has news ${event.boot}.${event.n} after ${boot}.${n}`,
          );
        [boot, n] = [event.boot, event.n];
        continue;
      }
      const name = key(event.by, event.sequence, event.part, at);
      if (places.has(name))
        findings.add('doubled', at, `the event ${name} has ORDER ${places.get(name)} and ${order}`);
      places.set(name, order);
    }
  }
  for (const [by, { effects }] of truth) {
    for (const { sequence, to } of effects) {
      for (const [part, at] of [[0, by] as const, ...to.map((other) => [1, other] as const)]) {
        const target = truth.get(at);
        // What was removed between two looks at the log is not known.
        const whole = target !== undefined && BigInt(target.log.size) === target.head;
        const found = places.delete(key(by, sequence, part, at));
        if (!found && whole)
          findings.add('torn', by, `SEQUENCE ${sequence} has an effect, but not its event at ${at}`);
      }
    }
  }
  for (const name of places.keys())
    findings.add('torn', 'server', `the event ${name} is there without its effect`);
}

/** What the server was told to be durable is in the log, and no position ever went back from process to process. */
export function checkServer(records: readonly ServerRecord[], truth: Truth, findings: Findings): void {
  const heads = new Map<string, bigint>();
  const sequences = new Map<string, bigint>();
  const forward = (known: Map<string, bigint>, id: string, to: string, what: string, index?: number) => {
    const last = known.get(id);
    if (last !== undefined && BigInt(to) < last) {
      findings.add('went-back', 'server', `${what} of ${id} was ${last}, then ${to}`, index);
    }
    known.set(id, BigInt(to));
  };
  for (const [index, record] of records.entries()) {
    if (record.kind === 'boot') {
      for (const [id, { head, lastSequence }] of Object.entries(record.positions)) {
        forward(heads, id, head, 'ORDER', index);
        forward(sequences, id, lastSequence, 'the last SEQUENCE', index);
      }
    }
    if (record.kind !== 'published') continue;
    for (const [id, order] of Object.entries(record.orders)) {
      const client = truth.get(id);
      const held: EventPayload | undefined = client?.log.get(BigInt(order));
      if (client === undefined || (held === undefined && BigInt(order) <= client.removedUpTo)) continue;
      if (held?.kind !== 'news' || held.boot !== record.boot || held.n !== record.n) {
        findings.add(
          'lost',
          'server',
          `news ${record.boot}.${record.n} were told to be ORDER ${order} of ${id}, and are not`,
          index,
        );
      }
    }
  }
  for (const [id, { head, lastSequence }] of truth) {
    forward(heads, id, String(head), 'ORDER');
    forward(sequences, id, String(lastSequence), 'the last SEQUENCE');
  }
}
