import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { crypto, externalPrivateKey, type PrivateKey } from '@sealwire/crypto';

interface Answer {
  readonly id?: number;
  readonly bytes?: string;
  readonly publicKey?: string;
}

/** A process of its own that holds a private key. This one asks it to sign and decrypt, and never sees the key. */
export class KeyAgent {
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  #next = 0;
  /** What the agent was asked to do, in order. */
  readonly operations: string[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('exit', () => {
      for (const { reject } of this.#asked.values()) reject(new Error('the agent is gone'));
      this.#asked.clear();
    });
  }

  static async start(): Promise<{ readonly agent: KeyAgent; readonly key: PrivateKey }> {
    const program = fileURLToPath(new URL('./program.mjs', import.meta.url));
    const process = spawn(globalThis.process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const agent = new KeyAgent(process);
    const lines = createInterface({ input: process.stdout });
    const [first] = (await once(lines, 'line')) as [string];
    lines.on('line', (line) => agent.#answered(JSON.parse(line) as Answer));
    const publicKey = await crypto.importPublicKey((JSON.parse(first) as Answer).publicKey ?? '');
    const key = await externalPrivateKey(publicKey, {
      sign: (data) => agent.#ask('sign', data),
      decrypt: (ciphertext) => agent.#ask('decrypt', ciphertext),
    });
    return { agent, key };
  }

  /** Pulls the token out. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill();
    await exited;
  }

  #ask(operation: 'sign' | 'decrypt', bytes: Uint8Array): Promise<Uint8Array> {
    const id = this.#next++;
    this.operations.push(operation);
    return new Promise((resolve, reject) => {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        reject(new Error('the agent is gone'));
        return;
      }
      this.#asked.set(id, { resolve, reject });
      this.#process.stdin?.write(
        `${JSON.stringify({ id, operation, bytes: Buffer.from(bytes).toString('base64') })}\n`,
      );
    });
  }

  #answered({ id = -1, bytes }: Answer): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (bytes === undefined) asked?.reject(new Error('the agent refused'));
    else asked?.resolve(Uint8Array.from(Buffer.from(bytes, 'base64')));
  }
}
