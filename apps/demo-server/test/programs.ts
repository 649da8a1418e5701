import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const started = new Set<ChildProcess>();

export interface RunningServer {
  readonly child: ChildProcess;
  readonly url: string;
  /** Everything that it has said. */
  output(): string;
  /** Everything that it has written as errors. */
  complaints(): string;
}

/** Starts the built program and waits until it is ready. */
export async function startServer(args: readonly string[]): Promise<RunningServer> {
  const { child, output, complaints } = spawnServer(args);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const ready = /^listening on (ws:\S+)$/m.exec(output())?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${output()}`)));
  });
  return { child, url, output, complaints };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program to its end. */
export async function runServer(args: readonly string[]): Promise<Ended> {
  const { child, output, complaints } = spawnServer(args);
  return { code: await exitCode(child), stdout: output(), stderr: complaints() };
}

export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return child.exitCode;
}

/** For `afterEach`. */
export async function stopServers(): Promise<void> {
  for (const child of started) child.kill('SIGKILL');
  await Promise.all([...started].map(exitCode));
  started.clear();
}

function spawnServer(args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { child, output: () => stdout, complaints: () => stderr };
}
