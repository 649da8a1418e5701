export { type Benchmark, type Figure, holds, type Scale, scales } from './benchmark.js';
export { benchmarks } from './benchmarks.js';
export { type Result, runBenchmark } from './run/run-benchmark.js';
export { table } from './run/table.js';
