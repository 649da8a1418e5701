import { readCorpus } from '../engine/corpus.js';
import type { Target } from '../engine/target.js';
import type { Task } from './worker.js';

/** Runs of one task: after these, the next begins with the corpus alone, on a thread of its own. */
const largestTask = 100_000;

/** Of which a thread loads its target. */
export const targetsModule = new URL('../targets/index.js', import.meta.url).href;

/** Shares the runs out among the targets. A task is made anew by its seed, whatever else ran before. */
export function makeTasks(targets: readonly Target[], runs: number, seed: string): Task[] {
  const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0);
  const tasks: { readonly order: number; readonly task: Task }[] = [];
  for (const { name, share = 1 } of targets) {
    const own = Math.max(1, Math.round((runs * share) / shares));
    const corpus = readCorpus(name).map(({ bytes }) => bytes);
    const count = Math.ceil(own / largestTask);
    for (let part = 0; part < count; part++) {
      const size = Math.floor(own / count) + (part < own % count ? 1 : 0);
      const task = {
        module: targetsModule,
        target: name,
        seed: `${seed}/${name}/${part}`,
        runs: size,
        corpus,
      };
      tasks.push({ order: part, task });
    }
  }
  // Every target gets its turn before any gets its second.
  return tasks.sort((one, other) => one.order - other.order).map(({ task }) => task);
}
