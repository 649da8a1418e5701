import { parentPort, workerData } from 'node:worker_threads';
import { startCoverage } from '../engine/coverage.js';
import { fuzz } from '../engine/engine.js';
import type { Target } from '../engine/target.js';
import { sourceUrls } from './source-urls.js';

export interface Task {
  /** URL of the module that exports `targets`. */
  readonly module: string;
  readonly target: string;
  readonly seed: string;
  readonly runs: number;
  readonly corpus: readonly Uint8Array[];
  readonly minimise?: boolean;
}

/** Shared with the thread that watches: how many inputs began, how long the last one is, and what it is. */
export const headerWords = 2;

const shared: unknown = workerData;
if (parentPort !== null && shared instanceof SharedArrayBuffer) serve(parentPort, shared);

function serve(port: NonNullable<typeof parentPort>, memory: SharedArrayBuffer): void {
  // Stacks of errors that are expected by the million are never looked at, and dear.
  Error.stackTraceLimit = 0;
  startCoverage();
  const header = new Int32Array(memory, 0, headerWords);
  const bytes = new Uint8Array(memory, 4 * headerWords);
  const begin = (input: Uint8Array): void => {
    bytes.set(input.subarray(0, bytes.length));
    header[1] = input.length;
    Atomics.add(header, 0, 1);
  };
  port.on('message', async ({ module, target: name, ...plan }: Task) => {
    const { targets } = (await import(module)) as { readonly targets: readonly Target[] };
    const target = targets.find((each) => each.name === name);
    if (target === undefined) throw new Error(`there is no target ${name}`);
    port.postMessage(await fuzz(target, { ...plan, urls: sourceUrls(target), begin }));
  });
}
