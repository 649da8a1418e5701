import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem, type } from 'node:os';
import type { Benchmark, Scale } from '../benchmark.js';
import type { LabOptions } from '../lab/lab.js';
import { type Result, runBenchmark } from './run-benchmark.js';
import { table } from './table.js';

/** What one Node did on one machine. */
export interface Run {
  /** Its version. */
  readonly node: string;
  /** When it began: YYYY-MM-DD. */
  readonly date: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly gibibytes: number;
    readonly system: string;
  };
  readonly scale: Scale;
  readonly results: readonly Result[];
}

export interface RunOptions extends LabOptions {
  /** The path of the Node on which everything that is measured runs. */
  readonly node: string;
  readonly scale: Scale;
}

/** Runs one benchmark after the other and prints each. */
export async function runAll(
  benchmarks: readonly Benchmark[],
  { scale, ...options }: RunOptions,
): Promise<Run> {
  const version = execFileSync(options.node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  const date = new Date().toISOString().slice(0, 10);
  console.log(`Node ${version}\n`);
  const results: Result[] = [];
  for (const benchmark of benchmarks) {
    const result = await runBenchmark(benchmark, scale, options);
    console.log(table(result));
    results.push(result);
  }
  return { node: version, date, machine: machine(), scale, results };
}

function machine(): Run['machine'] {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    gibibytes: Math.round(totalmem() / 2 ** 30),
    system: type(),
  };
}
