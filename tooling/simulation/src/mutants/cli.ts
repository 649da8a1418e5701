import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { defaultSize } from '../plan/make-plan.js';
import type { BatchResult } from '../run/batch.js';
import { runTasks } from '../run/pool.js';
import type { Task } from '../run/worker.js';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants.js';
import { type PatchedTree, patchedTree } from './patched-tree.js';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    only: { type: 'string' },
    schedules: { type: 'string', default: '2000' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});

const most = Number(values.schedules);
const only = values.only?.split(',');
const unknown = only?.filter((named) => !mutants.some(({ id }) => id === named)) ?? [];
if (unknown.length > 0) throw new Error(`there is no mutant ${unknown.join(', ')}`);
const chosen = mutants.filter(({ id }) => only === undefined || only.includes(id));
const needed: number[] = [];
const surviving: string[] = [];
const base = patchedTree([]);
const trees = new Map<Task, { readonly mutant: Mutant; readonly tree: PatchedTree }>();

console.log('| mutant | breaks | killed by | schedules |\n| --- | --- | --- | --- |');
await runTasks(tasks(), Number(values.threads), (task, result) => {
  const { mutant, tree } = trees.get(task) ?? fail();
  tree.remove();
  const { by, ran } = verdict(mutant, result);
  console.log(`| ${mutant.id} | ${mutant.breaks} | ${by} | ${ran} |`);
  return true;
});
needed.sort((one, other) => one - other);
console.log(
  `${chosen.length} mutants, ${chosen.length - surviving.length} killed, median ${needed[Math.floor(needed.length / 2)]} schedules, ` +
    `${surviving.length} survive ${most} schedules${surviving.length === 0 ? '' : `: ${surviving.join(', ')}`}`,
);
base.remove();
process.exitCode = surviving.length === 0 ? 0 : 1;

function verdict(
  mutant: Mutant,
  result: BatchResult | 'hangs',
): { readonly by: string; readonly ran: number | string } {
  if (result === 'hangs') return { by: 'hangs', ran: 'some' };
  const { ran, failures } = result;
  const [failure] = failures;
  if (failure !== undefined) {
    needed.push(ran);
    return { by: failure.violation.invariant, ran };
  }
  surviving.push(mutant.id);
  return { by: `SURVIVES (${mutant.invariant} expected)`, ran };
}

function* tasks(): Generator<Task> {
  for (const mutant of chosen) {
    const tree = patchedTree(mutant.edits, base);
    const task: Task = {
      module: tree.module,
      batch: { from: 1, count: most, size: defaultSize, first: true },
    };
    trees.set(task, { mutant, tree });
    yield task;
  }
}

function fail(): never {
  throw new Error('a result without a task');
}
