import { type HeapProfiler, Session } from 'node:inspector';
import { getHeapStatistics } from 'node:v8';

/**
 * Bytes on the heap and in buffers. Cheap, and too large by a page of the heap where one was begun between two calls,
 * too small where garbage was collected: enough to suspect.
 */
export function allocated(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

let session: Session | undefined;

/** Bytes that `act` allocates, to some KiB, by V8's sampling profiler. Dear: enough to judge. */
export function allocatedBy(act: () => void): number {
  session ??= connected();
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

function connected(): Session {
  const made = new Session();
  made.connect();
  return made;
}

function sizeOf({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}
