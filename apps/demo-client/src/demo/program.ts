import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A Node program in a process of its own. */
export interface Program {
  /** A line for its input. */
  write(line: string): void;
  endInput(): void;
  /** Resolves with the first line of its output for which `choose` gives something, rejects if it ends before. */
  line<T>(choose: (line: string) => T | undefined): Promise<T>;
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it wrote as errors. */
  complaints(): string;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

const maxComplaint = 4_096;

export function startProgram(
  file: string,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
): Program {
  // The channel tells the program when this process is gone, however it went.
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('the pipes were asked for');
  const listeners = new Set<(line: string) => void>([onLine]);
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-maxComplaint);
  });
  // A program that has ended does not read its input any more, and its exit code says more than EPIPE.
  stdin.on('error', () => {});
  createInterface({ input: stdout }).on('line', (line) => {
    for (const listener of [...listeners]) listener(line);
  });
  const ended = exitCode(child);
  return {
    write: (line) => void stdin.write(`${line}\n`),
    endInput: () => void stdin.end(),
    line: (choose) =>
      new Promise((resolve, reject) => {
        const listener = (line: string) => {
          const chosen = choose(line);
          if (chosen === undefined) return;
          listeners.delete(listener);
          resolve(chosen);
        };
        listeners.add(listener);
        void ended.then((code) => reject(new Error(`${file} ended with ${code}: ${complaint.trim()}`)));
      }),
    ended,
    complaints: () => complaint.trim(),
    kill: (signal) => void child.kill(signal),
  };
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  await once(child, 'close');
  return child.exitCode;
}
