import { parentPort } from 'node:worker_threads';
import type { Batch, BatchResult } from './batch.js';

export interface Task {
  /** The module that runs it: of this package, or of a copy with a mutant in it. */
  readonly module: string;
  readonly batch: Batch;
  /** Milliseconds after which it is given up. Default ten minutes. */
  readonly longest?: number;
}

// Stacks of errors that are part of the plan are never looked at, and dear.
Error.stackTraceLimit = 0;

parentPort?.on('message', async ({ module, batch }: Task) => {
  const { runBatch }: { runBatch(batch: Batch): Promise<BatchResult> } = await import(module);
  parentPort?.postMessage(await runBatch(batch));
});
