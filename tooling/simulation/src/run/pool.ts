import { Worker } from 'node:worker_threads';
import type { BatchResult } from './batch.js';
import type { Task } from './worker.js';

/** Runs tasks on several threads; `done` sees each result as it comes and may return false to begin no more. */
export async function runTasks(
  tasks: Iterable<Task>,
  threads: number,
  done: (task: Task, result: BatchResult) => boolean,
): Promise<void> {
  const line = tasks[Symbol.iterator]();
  let goesOn = true;
  const runLine = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.js', import.meta.url));
    try {
      for (let next = line.next(); goesOn && next.done !== true; next = line.next()) {
        const result = await runOne(worker, next.value);
        goesOn = done(next.value, result) && goesOn;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, runLine));
}

function runOne(worker: Worker, task: Task): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage(task);
  });
}
