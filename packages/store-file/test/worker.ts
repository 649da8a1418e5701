import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Call } from './history.js';

const script = fileURLToPath(new URL('fixtures/worker.mjs', import.meta.url));

/** A process of its own that has the state open; with a log it works on it. */
export async function startWorker(folder: string, log = '', seed = 0): Promise<ChildProcess> {
  const child = fork(script, [folder, log, `${seed}`], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.on('data', (text) => {
    complaint += text;
  });
  const [told] = await Promise.race([once(child, 'message'), once(child, 'close')]);
  if (told !== 'open') throw new Error(`the worker ended before it had the state open: ${complaint}`);
  return child;
}

export async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

export type Line = { readonly call: Call } | { readonly confirmed: number };

/** What a worker wrote down; a line that its end cut short is no line. */
export function readLog(log: string): Line[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      JSON.parse(line, (_key, value) =>
        typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
      ),
    );
}
