import type { Violation } from '../oracle/violation.js';
import { makePlan, type PlanSize } from '../plan/make-plan.js';
import { simulate } from './simulate.js';

/** Seeds that are run one after the other. */
export interface Batch {
  readonly from: number;
  readonly count: number;
  readonly size: PlanSize;
  /** Stop at the first seed that breaks an invariant. */
  readonly first: boolean;
}

export interface BatchResult {
  readonly ran: number;
  readonly steps: number;
  /** Of all runs together. */
  readonly hash: number;
  readonly failures: readonly { readonly seed: number; readonly violation: Violation }[];
}

export async function runBatch({ from, count, size, first }: Batch): Promise<BatchResult> {
  const failures: { seed: number; violation: Violation }[] = [];
  let ran = 0;
  let steps = 0;
  let hash = 0;
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(makePlan(seed, size));
    ran += 1;
    steps += result.steps;
    // A sum, so that batches may be put together in any order.
    hash = (hash + Math.imul(result.hash, seed | 1)) | 0;
    if (result.violation === undefined) continue;
    failures.push({ seed, violation: result.violation });
    if (first) break;
  }
  return { ran, steps, hash, failures };
}
