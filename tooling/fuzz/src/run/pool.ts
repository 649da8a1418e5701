import { Worker } from 'node:worker_threads';
import type { Finding, Result } from '../engine/engine.js';
import { longestInput } from '../engine/mutate.js';
import { headerWords, type Task } from './worker.js';

/** Milliseconds after which an input that is still running hangs; far above 50, because the machine may be busy. */
const hangsAfter = 20_000;

/** Runs tasks on several threads; `done` sees each result as it comes. Ends early when it returns false. */
export async function runTasks(
  tasks: Iterable<Task>,
  threads: number,
  done: (task: Task, result: Result | Finding) => boolean,
  patience = hangsAfter,
): Promise<void> {
  const line = tasks[Symbol.iterator]();
  let goesOn = true;
  const runLine = async (): Promise<void> => {
    for (let next = line.next(); goesOn && next.done !== true; next = line.next()) {
      // A thread of its own for each: no target sees what another left behind in the heap or in compiled code.
      goesOn =
        done(next.value, await confirmed(next.value, await runOne(next.value, patience), patience)) && goesOn;
    }
  };
  await Promise.all(Array.from({ length: threads }, runLine));
}

/** What was slow or large has to be so again where nothing ran before. */
async function confirmed(task: Task, result: Result | Finding, patience: number): Promise<Result | Finding> {
  if ('words' in result || (result.finding?.kind !== 'time' && result.finding?.kind !== 'memory'))
    return result;
  const { finding: suspicion } = result;
  const again = await runOne({ ...task, corpus: [suspicion.input], runs: 1 }, patience);
  const holds = 'words' in again || again.finding !== undefined;
  return holds ? result : { ...result, finding: undefined, suspicion };
}

async function runOne(task: Task, patience: number): Promise<Result | Finding> {
  const memory = new SharedArrayBuffer(4 * headerWords + longestInput);
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: memory });
  let watch: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`the thread of ${task.target} ended with code ${code}`)),
      );
      watch = watchHangs(memory, patience, resolve);
      worker.postMessage(task);
    });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

/** A loop without an end lets no event through: only the shared memory shows where it stands. */
function watchHangs(
  memory: SharedArrayBuffer,
  patience: number,
  hangs: (finding: Finding) => void,
): NodeJS.Timeout {
  const header = new Int32Array(memory, 0, headerWords);
  let seen = 0;
  let since = performance.now();
  return setInterval(
    () => {
      const count = Atomics.load(header, 0);
      const now = performance.now();
      if (count === 0 || count !== seen) {
        seen = count;
        since = now;
      } else if (now - since > patience) {
        const input = new Uint8Array(memory, 4 * headerWords, header[1]).slice();
        hangs({ kind: 'hang', words: `ran for more than ${patience} ms`, input: Uint8Array.from(input) });
      }
    },
    Math.min(1_000, patience / 4),
  );
}
