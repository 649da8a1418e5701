import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { StoreError, type StoreErrorCode } from '@sealwire/store';
import { metaKey } from './keys.js';
import { RowBuffer } from './rows.js';

/** How LMDB is opened, by both threads in the same way: what is committed is flushed, and only then seen. */
export function lmdbOptions(maxSize: number) {
  return {
    keyEncoding: 'binary',
    encoding: 'binary',
    noSubdir: true,
    cache: false,
    overlappingSync: false,
    // Only addresses: the file grows as it is needed.
    mapSize: maxSize * 2,
  } as const;
}

export interface ThreadData {
  readonly file: string;
  readonly options: ReturnType<typeof lmdbOptions>;
  readonly maxSize: number;
  readonly formatKey: Uint8Array;
  /** What the row of the format must say. */
  readonly format: string;
  readonly ownerKey: Uint8Array;
  /** Process id (4 bytes, little-endian) and random bytes. */
  readonly owner: Uint8Array;
  readonly pid: number;
}

export interface ThreadRequest {
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  readonly rows: number;
  /** Whether it needs room that is not there yet. */
  readonly grows: boolean;
}

export interface ThreadAnswer {
  error?: { readonly code: StoreErrorCode; readonly message: string };
}

/** Where batches go. Either all rows of a batch are durable when `write` resolves, or none is kept. */
export interface RowWriter {
  /** An empty buffer, of memory that was used before if there is any. */
  buffer(): RowBuffer;
  write(rows: RowBuffer, grows: boolean): Promise<void>;
  /** Gives a buffer back that nobody reads any more. */
  release(rows: RowBuffer): void;
  close(): Promise<void>;
}

/**
 * Starts the thread, which takes the store for this process. Rejects with E_LOCKED if another one has it, and with
 * E_FORMAT if the file is not the one that `format` describes.
 */
export async function openWriter(file: string, format: string, maxSize: number): Promise<RowWriter> {
  const owner = randomBytes(16);
  owner.writeUInt32LE(process.pid, 0);
  const workerData: ThreadData = {
    file,
    options: lmdbOptions(maxSize),
    maxSize,
    formatKey: metaKey('format'),
    format,
    ownerKey: metaKey('owner'),
    owner,
    pid: process.pid,
  };
  const thread = new Thread(new Worker(new URL('./writer-thread.js', import.meta.url), { workerData }));
  await thread.started;
  return thread;
}

class Thread implements RowWriter {
  readonly started: Promise<ThreadAnswer>;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #answered: { resolve(answer: ThreadAnswer): void; reject(error: StoreError): void } | undefined;
  #spare: Uint8Array<SharedArrayBuffer> | undefined;
  #dead: StoreError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.started = this.#answer();
    worker.on('message', (answer: ThreadAnswer) => this.#settle(answer));
    worker.on('error', (cause) => this.#die(cause));
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#die(undefined);
        resolve();
      });
    });
  }

  buffer(): RowBuffer {
    const memory = this.#spare;
    this.#spare = undefined;
    return new RowBuffer(memory);
  }

  async write(rows: RowBuffer, grows: boolean): Promise<void> {
    const { memory, length, count } = rows;
    const answer = this.#answer();
    const request: ThreadRequest = { memory: memory.buffer, length, rows: count, grows };
    this.#worker.postMessage(request);
    await answer;
  }

  release({ memory }: RowBuffer): void {
    this.#spare = memory;
  }

  async close(): Promise<void> {
    if (this.#dead === undefined) {
      this.#worker.ref();
      this.#worker.postMessage('close');
    }
    await this.#ended;
  }

  /** The process is kept alive for an answer, not for a store that is merely open. */
  #answer(): Promise<ThreadAnswer> {
    if (this.#dead) return Promise.reject(this.#dead);
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
    });
  }

  #settle(answer: ThreadAnswer): void {
    this.#worker.unref();
    const { error } = answer;
    if (error) this.#answered?.reject(new StoreError(error.code, error.message));
    else this.#answered?.resolve(answer);
    this.#answered = undefined;
  }

  #die(cause: unknown): void {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    this.#dead ??= new StoreError('E_IO', `the writer thread ended, restart the process${why}`, { cause });
    this.#answered?.reject(this.#dead);
    this.#answered = undefined;
  }
}
