import type { ClientRecord, Effect } from '../records.js';
import type { ClientTruth } from './truth.js';
import type { Findings } from './violation.js';

/** Client to server: what the client was told and handed over against the effects in the database. */
export function checkMessages(
  id: string,
  records: readonly ClientRecord[],
  truth: ClientTruth,
  findings: Findings,
): void {
  const effects = [...truth.effects].sort((a, b) => a.boot - b.boot || a.tick - b.tick);
  checkLine(id, effects, truth, findings);
  const bySequence = new Map(effects.map((effect) => [effect.sequence, effect]));
  const asked = new Set<number>();
  const calledAfter = new Map<string, bigint>();
  let lastSeen = -1n;
  for (const [index, record] of records.entries()) {
    if (record.kind === 'send') asked.add(record.n);
    if (record.kind === 'sent' || (record.kind === 'outcome' && record.outcome === 'accepted')) {
      const effect = bySequence.get(record.sequence);
      const what = record.kind === 'sent' ? 'handed over' : 'accepted';
      if (effect === undefined) {
        findings.add('lost', id, `SEQUENCE ${record.sequence} was ${what} and has no effect`, index);
      } else if (effect.n !== record.n) {
        findings.add(
          'mixed-up',
          id,
          `SEQUENCE ${record.sequence} was message ${record.n}, its effect is of ${effect.n}`,
          index,
        );
      }
    }
    if (record.kind === 'outcome' && record.outcome !== 'accepted') {
      findings.add('outcome', id, `message ${record.n} was told ${record.outcome}`, index);
    }
    if (record.kind === 'live') {
      const told = BigInt(record.lastSeen);
      if (told < lastSeen)
        findings.add('went-back', id, `LAST SEEN SEQUENCE ${lastSeen}, then ${told}`, index);
      if (told > truth.lastSequence) {
        findings.add(
          'went-back',
          id,
          `LAST SEEN SEQUENCE was ${told}, the database has ${truth.lastSequence}`,
          index,
        );
      }
      lastSeen = told;
    }
    if (record.kind === 'call') calledAfter.set(record.key, BigInt(record.after));
    if (record.kind === 'answered') {
      const after = calledAfter.get(record.key) ?? -1n;
      if (!truth.marks.has(record.key)) {
        findings.add('lost', id, `call ${record.key} was answered and has left nothing`, index);
      }
      if (BigInt(record.last) < after) {
        findings.add(
          'call-order',
          id,
          `the answer of call ${record.key} had seen ${record.last}, not ${after}`,
          index,
        );
      }
    }
  }
  for (const { n, sequence } of effects) {
    if (!asked.has(n))
      findings.add('invented', id, `SEQUENCE ${sequence} has an effect of message ${n}, which nobody sent`);
  }
}

/** Effects in the order of handling: every SEQUENCE once, without a hole, and messages in the order of sending. */
function checkLine(id: string, effects: readonly Effect[], truth: ClientTruth, findings: Findings): void {
  let lastN = -1;
  for (const [place, { sequence, n }] of effects.entries()) {
    if (sequence !== String(place)) {
      findings.add('sequence', id, `effect ${place} in the order of handling is of SEQUENCE ${sequence}`);
    }
    if (n <= lastN) findings.add('sending-order', id, `message ${n} was handled after message ${lastN}`);
    lastN = n;
  }
  if (truth.lastSequence !== BigInt(effects.length - 1)) {
    findings.add('sequence', id, `${effects.length} effects, but the last SEQUENCE is ${truth.lastSequence}`);
  }
}
