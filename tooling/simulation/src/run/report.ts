import { invariants } from '../oracle/violation.js';
import type { Plan } from '../plan/plan.js';
import { shrink } from './shrink.js';
import { simulate } from './simulate.js';

const longestTrace = 400;

/** What a person needs to understand a seed that breaks an invariant; undefined for one that breaks none. */
export async function report(plan: Plan, replay: string): Promise<string | undefined> {
  const { violation } = await simulate(plan);
  if (violation === undefined) return undefined;
  const small = await shrink(plan, violation);
  const { lines } = await simulate(small.plan, { lines: true });
  const end = lines.findIndex((line) => line.includes('VIOLATION')) + 1;
  return [
    `seed ${plan.seed} breaks ${violation.invariant}: ${invariants[violation.invariant]}`,
    `  ${violation.words} (after ${violation.at.toFixed(0)} ms of virtual time)`,
    `cut down in ${small.runs} runs: ${small.violation.words}`,
    `world: ${JSON.stringify(small.plan.world)}`,
    ...small.plan.work.map((work) => `work: ${JSON.stringify(work)}`),
    ...small.plan.faults.map((fault) => `fault: ${JSON.stringify(fault)}`),
    'trace:',
    ...lines.slice(Math.max(0, end - longestTrace), end).map((line) => `  ${line}`),
    `replay: ${replay}`,
  ].join('\n');
}
