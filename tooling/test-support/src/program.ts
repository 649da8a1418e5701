import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { Lines } from './lines.js';

export interface ProgramOptions {
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself, before the file. */
  readonly nodeArgs?: readonly string[];
  /** Lines of output that wait for a reader; then the program is not read any more. Default 1,000. */
  readonly maxLines?: number;
  /** Milliseconds that a line is waited for. Default 10,000. */
  readonly timeout?: number;
}

export interface Exit {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node program in a process of its own. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Its output. */
  readonly lines: Lines;
  readonly exited: Promise<Exit>;
  /** The last 4 KiB of what it wrote as errors. */
  complaints(): string;
  /** A line for its input. */
  write(line: string): void;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
}

const maxComplaint = 4_096;
const running = new Set<Program>();

/**
 * Starts a Node program. It ends with this process, with `stopPrograms`, or at the end of its `await using` block,
 * by SIGKILL. It has a channel to this process, and so can listen to 'disconnect'.
 */
export function startProgram(file: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const { env = {}, nodeArgs = [], maxLines = 1_000, timeout = 10_000 } = options;
  const child = spawn(process.execPath, [...nodeArgs, file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  const { stdin, stdout, stderr, pid } = child;
  if (stdin === null || stdout === null || stderr === null || pid === undefined)
    throw new Error(`${file} could not be started`);
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-maxComplaint);
  });
  // A program that has ended does not read its input any more, and its exit code says more than EPIPE.
  stdin.on('error', () => {});
  const exited = exitOf(child);
  const program: Program = {
    pid,
    lines: new Lines(stdout, basename(file), { maxLines, timeout, complaints: () => complaint.trim() }),
    exited,
    complaints: () => complaint.trim(),
    write: (line) => void stdin.write(`${line}\n`),
    endInput: () => void stdin.end(),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
  running.add(program);
  void exited.then(() => running.delete(program));
  return program;
}

/** For `afterEach`: kills what still runs, and waits until it is gone. */
export async function stopPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program[Symbol.asyncDispose]()));
}

process.once('exit', () => {
  for (const program of running) program.kill('SIGKILL');
});

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    // Not 'close': that waits for output which nobody may read.
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
