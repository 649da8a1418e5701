import { Worker } from 'node:worker_threads';
import type { BatchResult } from './batch.js';
import type { Task } from './worker.js';

const longestTask = 600_000;

/** Runs tasks on several threads; `done` sees each result as it comes and may return false to begin no more. */
export async function runTasks(
  tasks: Iterable<Task>,
  threads: number,
  done: (task: Task, result: BatchResult | 'hangs') => boolean,
): Promise<void> {
  const line = tasks[Symbol.iterator]();
  let goesOn = true;
  const runLine = async (): Promise<void> => {
    let worker = startWorker();
    try {
      for (let next = line.next(); goesOn && next.done !== true; next = line.next()) {
        const result = await runOne(worker, next.value);
        if (result === 'hangs') {
          await worker.terminate();
          worker = startWorker();
        }
        goesOn = done(next.value, result) && goesOn;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, runLine));
}

function startWorker(): Worker {
  // Nearly all garbage of a run dies young where there is room for it to.
  return new Worker(new URL('./worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 128 },
  });
}

function runOne(worker: Worker, task: Task): Promise<BatchResult | 'hangs'> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    // A fault may make promises chase each other for ever: then no event of the worker comes any more.
    const watchdog = setTimeout(() => resolve('hangs'), task.longest ?? longestTask);
    worker.once('message', (result: BatchResult) => {
      clearTimeout(watchdog);
      resolve(result);
    });
    worker.once('error', (error) => {
      clearTimeout(watchdog);
      reject(error);
    });
    worker.postMessage(task);
  });
}
