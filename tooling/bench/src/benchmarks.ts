import type { Benchmark } from './benchmark.js';
import { backlog } from './reliability/backlog.js';
import { descriptors } from './reliability/descriptors.js';
import { halfOpen } from './reliability/half-open.js';
import { oneRead } from './reliability/one-read.js';
import { replay } from './reliability/replay.js';
import { retention } from './reliability/retention.js';
import { slowDisk } from './reliability/slow-disk.js';
import { stalledReaders } from './reliability/stalled-readers.js';
import { storm } from './reliability/storm.js';
import { sustained } from './reliability/sustained.js';
import { push } from './speed/push.js';
import { pushHardened } from './speed/push-hardened.js';
import { seal } from './speed/seal.js';
import { xdr } from './speed/xdr.js';

export type Suite = 'speed' | 'reliability';

/** In the order in which they run. */
export const suites: Readonly<Record<Suite, readonly Benchmark[]>> = {
  speed: [xdr, seal, push, pushHardened],
  reliability: [
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
  ],
};

export const benchmarks: readonly Benchmark[] = [...new Set([...suites.speed, ...suites.reliability])];
