export { type Benchmark, type Figure, holds, holdsAnywhere, type Scale, scales } from './benchmark.js';
export { benchmarks, type Suite, suites } from './benchmarks.js';
export { type Result, runBenchmark } from './run/run-benchmark.js';
export { table } from './run/table.js';
