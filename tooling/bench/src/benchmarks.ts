import type { Benchmark } from './benchmark.js';
import { backlog } from './benchmarks/backlog.js';
import { descriptors } from './benchmarks/descriptors.js';
import { halfOpen } from './benchmarks/half-open.js';
import { oneRead } from './benchmarks/one-read.js';
import { replay } from './benchmarks/replay.js';
import { retention } from './benchmarks/retention.js';
import { slowDisk } from './benchmarks/slow-disk.js';
import { stalledReaders } from './benchmarks/stalled-readers.js';
import { storm } from './benchmarks/storm.js';
import { sustained } from './benchmarks/sustained.js';

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  backlog,
  replay,
  stalledReaders,
  storm,
  halfOpen,
  sustained,
  oneRead,
  slowDisk,
  retention,
  descriptors,
];
