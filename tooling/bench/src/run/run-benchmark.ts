import type { Benchmark, Figure, Scale } from '../benchmark.js';
import { Lab, type LabOptions } from '../lab/lab.js';
import { now } from '../lab/time.js';

export interface Result extends Omit<Benchmark, 'run'> {
  readonly scale: Scale;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  /** Why there are no figures. */
  readonly error?: string;
}

/** Runs one; what it has started is gone afterwards, also when it fails. */
export async function runBenchmark(benchmark: Benchmark, scale: Scale, options: LabOptions): Promise<Result> {
  const { name, measures, target, covers } = benchmark;
  const lab = new Lab(options);
  const began = now();
  const outcome = await benchmark.run(lab, scale).then(
    (figures) => ({ figures }),
    (error: unknown) => ({
      figures: [],
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  await lab.close();
  return { name, measures, target, covers, scale, seconds: (now() - began) / 1_000, ...outcome };
}
