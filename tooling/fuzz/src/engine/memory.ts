import { type HeapProfiler, Session } from 'node:inspector';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes on the heap and in buffers. Cheap, and too large by a page of the heap where one was begun between two calls,
 * too small where garbage was collected: enough to suspect.
 */
export function allocated(): { readonly heap: number; readonly buffers: number } {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return { heap: used_heap_size, buffers: external_memory };
}

let session: Session | undefined;
let collect: (() => void) | undefined;

/** Bytes that `act` allocates, to some KiB, by V8's sampling profiler. Dear: enough to judge. */
export function allocatedBy(act: () => void): number {
  session ??= connected();
  collect ??= collector();
  // Buffers that are dead are given back while others run, and would hide one that is made. A collection waits for those
  // of the one before.
  collect();
  collect();
  const before = getHeapStatistics().external_memory;
  session.post('HeapProfiler.startSampling', {
    samplingInterval: 512,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  act();
  const external = getHeapStatistics().external_memory - before;
  let heap = 0;
  // On a session of its own thread the callback is called at once.
  session.post('HeapProfiler.stopSampling', (error, { profile }) => {
    if (error !== null) throw error;
    heap = sizeOf(profile.head);
  });
  return heap + Math.max(0, external);
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function connected(): Session {
  const made = new Session();
  made.connect();
  return made;
}

function sizeOf({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}
