import { readFileSync } from 'node:fs';

/** Bytes. */
export interface Memory {
  /** Resident pages that are the process's own: not the pages of a mapped data file, which the system takes back. */
  readonly own: number;
  readonly heap: number;
}

const OWN = /^RssAnon:\s+(\d+) kB/m;

export function memory(): Memory {
  const { rss, heapUsed } = process.memoryUsage();
  return { own: ownPages() ?? rss, heap: heapUsed };
}

/** Undefined where there is no such file, as everywhere but on Linux. */
function ownPages(): number | undefined {
  try {
    const kib = OWN.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

/** Samples memory, keeps the highest, and counts CPU, since `begin`. */
export class MemoryWatch {
  #peak = memory();
  #cpu = process.cpuUsage();

  #looking: ReturnType<typeof setInterval> | undefined;

  /** Collects garbage and begins anew; returns what is left. */
  begin(): Memory {
    // Only on demand: looking takes a file descriptor, which a process may be short of.
    this.#looking ??= setInterval(() => this.#look(), 20).unref();
    globalThis.gc?.();
    this.#peak = memory();
    this.#cpu = process.cpuUsage();
    return this.#peak;
  }

  /** Of the last look. */
  get peak(): Memory {
    return this.#peak;
  }

  /** Milliseconds, on all threads. */
  get cpu(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1_000;
  }

  #look(): void {
    const { own, heap } = memory();
    this.#peak = { own: Math.max(own, this.#peak.own), heap: Math.max(heap, this.#peak.heap) };
  }
}
