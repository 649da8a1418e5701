import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newFolder } from './folders.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const server = path('../../demo-server/dist/main.js');
const started = new Set<ChildProcess>();

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a built program of this package to its end; `input` is all that it reads. */
export async function run(
  program: 'main' | 'demo',
  args: readonly string[],
  input: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const { child, texts } = start(path(`../dist/${program}.js`), args, environment);
  child.stdin?.end(input.map((line) => `${line}\n`).join(''));
  await once(child, 'close');
  return { code: child.exitCode, ...texts };
}

/** Runs the built client with an input that does not end, and stops reading its output after the first piece. */
export async function runUnread(args: readonly string[], line: string): Promise<Ended> {
  const { child, texts } = start(path('../dist/main.js'), args);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.write(`${line}\n`);
  await once(child, 'exit');
  return { code: child.exitCode, ...texts };
}

export interface RunningServer {
  readonly url: string;
  readonly keys: readonly string[];
  stop(): Promise<void>;
}

/** Starts the built demo server with keys of its own and waits until it is ready. */
export async function startServer(...args: string[]): Promise<RunningServer> {
  const data = newFolder();
  const { child, texts } = start(server, ['--port', '0', '--data', data, ...args]);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const ready = /^listening on (ws:\S+)$/m.exec(texts.stdout)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('close', () => reject(new Error(texts.stderr)));
  });
  return {
    url,
    keys: ['--key', join(data, 'demo.key'), '--server-key', join(data, 'server.pub')],
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

/** For `afterAll`. */
export function stopPrograms(): void {
  for (const child of started) child.kill('SIGKILL');
}

function start(file: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
  started.add(child);
  child.once('close', () => started.delete(child));
  // A program that refuses its options does not wait for its input.
  child.stdin.on('error', () => {});
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  return { child, texts };
}
