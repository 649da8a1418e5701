import { readCorpus, writeCorpus } from '../engine/corpus.js';
import type { Target } from '../engine/target.js';
import { runTasks } from './pool.js';
import { isFinding } from './summary.js';
import { targetsModule } from './tasks.js';

/** Writes the shortest inputs that together reach all that the seeds, the corpus and the new ones reach. */
export async function grow({ name }: Target, found: readonly Uint8Array[]): Promise<void> {
  const corpus = [...readCorpus(name).map(({ bytes }) => bytes), ...found];
  const task = { module: targetsModule, target: name, seed: '', runs: 0, corpus, minimise: true };
  await runTasks([task], 1, (_, result) => {
    if (isFinding(result)) return false;
    writeCorpus(name, result.found);
    const bytes = result.found.reduce((sum, { length }) => sum + length, 0);
    console.log(`${name}: ${result.found.length} inputs, ${bytes} bytes`);
    return true;
  });
}
