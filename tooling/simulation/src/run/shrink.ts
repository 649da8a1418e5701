import type { Violation } from '../oracle/violation.js';
import type { Plan } from '../plan/plan.js';
import { simulate } from './simulate.js';

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  /** Simulations that it took. */
  readonly runs: number;
}

/**
 * Cuts a plan down as long as the same invariant breaks: faults one by one, work in halves and then in smaller parts, and
 * the world towards the plainest one.
 */
export async function shrink(plan: Plan, violation: Violation, maxRuns = 300): Promise<Shrunk> {
  let best = { plan, violation };
  let runs = 0;
  const attempt = async (smaller: Plan): Promise<boolean> => {
    if (runs === maxRuns) return false;
    runs += 1;
    const { violation: found } = await simulate(smaller);
    if (found?.invariant !== violation.invariant) return false;
    best = { plan: smaller, violation: found };
    return true;
  };
  for (const field of ['work', 'faults'] as const) {
    for (
      let size = Math.ceil(best.plan[field].length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let start = 0; start < best.plan[field].length; ) {
        const rest = best.plan[field].filter((_, index) => index < start || index >= start + size);
        if (!(await attempt({ ...best.plan, [field]: rest }))) start += size;
      }
    }
  }
  for (const plainer of plainerWorlds) {
    await attempt({ ...best.plan, world: { ...best.plan.world, ...plainer } });
  }
  return { ...best, runs };
}

const plainerWorlds: readonly Partial<Plan['world']>[] = [
  { nodes: 1 },
  { clients: 1 },
  { network: { delay: 0, jitter: 0, window: 262_144, batching: 'kept' } },
  { serverDisk: { flush: 1, tell: 0 } },
  { clientDisk: { flush: 1, tell: 0 } },
  { rsa: 0.5 },
  { orderStep: 1 },
  { checkpoint: true },
  { hardened: false },
];
