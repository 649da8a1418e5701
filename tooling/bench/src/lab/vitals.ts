import { type Memory, memory } from './memory.js';

/** What every process that is compared can be asked. */
export const vitals = {
  /** Milliseconds of CPU, on all threads, since it began. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  /** What is left after the garbage is collected. */
  memory(): Memory {
    globalThis.gc?.();
    return memory();
  },
};

export type Vitals = typeof vitals;
