import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Memory, memory } from './memory.js';

const turns = monitorEventLoopDelay({ resolution: 1 });

/** What every process that is compared can be asked. */
export const vitals = {
  /** Milliseconds of CPU, on all threads, since it began. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  /** What is left after the garbage is collected: where V8 knows how, also the pages that it kept for more of it. */
  memory(): Memory {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    return memory();
  },
  watchTurns: (): void => void turns.enable(),
  /** Of the turns since then, the one that 99 of 100 are shorter than, in milliseconds. */
  longTurn: (): number => turns.percentile(99) / 1e6,
};

export type Vitals = typeof vitals;
