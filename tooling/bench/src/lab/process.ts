import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a process of the lab can be asked to do. Arguments and results travel as structured clones. */
export type Calls = { readonly [name: string]: (...args: never[]) => unknown };

interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export interface ProcessOptions {
  /** The Node to run. Default: this one. */
  readonly node?: string;
  /** How many file descriptors it may have. */
  readonly descriptors?: number;
  /** How many threads its pool has. Default: Node's. */
  readonly threads?: number;
  /** A folder for a CPU profile of it. Default: none is made. */
  readonly profiles?: string;
}

let started = 0;

/** A process of its own that answers calls. */
export class LabProcess<C extends Calls> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  readonly #exited: Promise<unknown>;
  readonly #profiled: boolean;
  #calls = 0;

  /** @param program a file in `programs/`, without its ending */
  constructor(
    program: string,
    { node = process.execPath, descriptors, threads, profiles }: ProcessOptions = {},
  ) {
    // The same file from src, as the tests have it, and from dist.
    const file = fileURLToPath(new URL(`../../dist/programs/${program}.js`, import.meta.url));
    const profiling =
      profiles === undefined
        ? []
        : // Of each thread a file, which one name for all would overwrite.
          ['--cpu-prof', `--cpu-prof-dir=${profiles}/${++started}-${program}`];
    this.#profiled = profiles !== undefined;
    const run = [node, '--expose-gc', ...profiling, file];
    const command =
      descriptors === undefined ? run : ['sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...run];
    this.#child = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      ...(threads !== undefined && { env: { ...process.env, UV_THREADPOOL_SIZE: String(threads) } }),
    });
    this.#child.on('message', (answer) => this.#answered(answer as Answer));
    this.#exited = once(this.#child, 'exit').then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the ${program} ended`));
      this.#waiting.clear();
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  call<N extends keyof C & string>(name: N, ...args: Parameters<C[N]>): Promise<Awaited<ReturnType<C[N]>>> {
    const id = ++this.#calls;
    return new Promise<Awaited<ReturnType<C[N]>>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      const request: Request = { id, name, args };
      this.#child.send(request, (error) => error !== null && reject(error));
    });
  }

  /** SIGKILL; one that writes a profile ends by itself first. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#profiled && this.#child.connected) this.#child.disconnect();
    else if (this.running) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #answered({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }
}

/** The other side: answers calls until the lab is gone. */
export function answerCalls(calls: Calls): void {
  process.on('message', async (message) => {
    const { id, name, args } = message as Request;
    const answer = await perform(calls, name, args).then(
      (result): Answer => ({ id, result }),
      (error: unknown): Answer => ({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    process.send?.(answer);
  });
  process.on('disconnect', () => process.exit());
}

async function perform(calls: Calls, name: string, args: readonly unknown[]): Promise<unknown> {
  const call = calls[name];
  if (call === undefined) throw new Error(`there is no call ${name}`);
  return await call(...(args as never[]));
}
