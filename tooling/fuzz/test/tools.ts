import type { Finding, Result } from '../dist/engine/engine.js';
import { runTasks } from '../dist/run/pool.js';

export const toys = new URL('./toys.mjs', import.meta.url).href;
export const real = new URL('../dist/targets/index.js', import.meta.url).href;

export interface Options {
  readonly module?: string;
  readonly runs?: number;
  readonly seed?: string;
  readonly corpus?: readonly Uint8Array[];
  readonly patience?: number;
}

/** One task on a thread of its own. */
export async function run(target: string, options: Options = {}): Promise<Result | Finding> {
  const { module = toys, runs = 20_000, seed = 'test', corpus = [], patience = 60_000 } = options;
  const results: (Result | Finding)[] = [];
  const task = { module, target, seed, runs, corpus };
  await runTasks([task], 1, (_, result) => results.push(result) > 0, patience);
  const [result] = results;
  if (result === undefined) throw new Error('there is no result');
  return result;
}

export function findingOf(result: Result | Finding): Finding | undefined {
  return 'words' in result ? result : result.finding;
}
