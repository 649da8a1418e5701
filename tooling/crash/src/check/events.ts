import { isDeepStrictEqual } from 'node:util';
import type { ClientRecord } from '../records.js';
import type { ClientTruth } from './truth.js';
import type { Findings } from './violation.js';

/** Server to client: what the client's handler saw against the log. */
export function checkEvents(
  id: string,
  records: readonly ClientRecord[],
  { log, head, removedUpTo }: ClientTruth,
  findings: Findings,
): void {
  /** Where the next one must be in this process; undefined at its begin. */
  let next: bigint | undefined;
  let handed = 0n;
  let done = 0n;
  let gap = false;
  for (const [index, record] of records.entries()) {
    if (record.kind === 'boot') next = undefined;
    if (record.kind === 'gap') gap = true;
    if (record.kind === 'got') {
      const order = BigInt(record.order);
      const expected = next ?? done + 1n;
      // A new process may begin further back, never further ahead; what is gone must have been told and be gone.
      const hole = order > expected && !(gap && order <= removedUpTo + 1n);
      if (hole) findings.add('hole', id, `ORDER ${order} came where ${expected} was next`, index);
      if (next !== undefined && order < next) {
        findings.add('order', id, `ORDER ${order} came where ${next} was next`, index);
      }
      if (order <= handed && !record.marked) {
        findings.add(
          'unmarked',
          id,
          `ORDER ${order} came again and was not marked as possibly handled`,
          index,
        );
      }
      const held = log.get(order);
      if (order > head || (held === undefined && order > removedUpTo)) {
        findings.add('invented', id, `ORDER ${order} is not in the log`, index);
      } else if (held !== undefined && !isDeepStrictEqual(held, record.payload)) {
        findings.add(
          'altered',
          id,
          `ORDER ${order} is not what the log holds: ${JSON.stringify(held)}`,
          index,
        );
      }
      gap = false;
      next = order + 1n;
      if (order > handed) handed = order;
    }
    if (record.kind === 'done') {
      const order = BigInt(record.order);
      if (order <= done) findings.add('doubled', id, `ORDER ${order} had its effect twice`, index);
      done = order;
    }
    if (record.kind === 'stopped' && record.code !== 'E_HISTORY_GONE') {
      findings.add('stopped', id, `the client stopped: ${record.code}, ${record.message}`, index);
    }
  }
  if (done !== head)
    findings.add('lost', id, `the log ends at ORDER ${head}, the client has had up to ${done}`);
}
