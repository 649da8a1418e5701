import { type BigIntStats, type FSWatcher, watch } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Crypto, crypto as defaultCrypto, type PublicKey } from '@sealwire/crypto';
import type { ClientEntry, OpenDirectory, WatchedDirectory } from './directory.js';
import { ServerError } from './errors.js';

export interface DirectoryFolderOptions {
  /** Default: `crypto` of @sealwire/crypto. */
  readonly crypto?: Crypto;
  /** Files of clients that are read; one more is reported and left out. Default 10,000. */
  readonly maxFiles?: number;
  /** Bytes of one file. Default 16 KiB. */
  readonly maxFileBytes?: number;
}

const suffix = '.pub';
/** A file changed less than this before it was read may change again without a new time stamp. */
const settledAfterNs = 100_000_000n;
/** Where the platform cannot watch, the folder is read again at a handshake, at most this often (ms). */
const unwatchedInterval = 1_000;

/**
 * A folder of public keys: `<client id>.pub` holds the key of one client, PEM or DER. It is watched: a file that was
 * added, replaced or removed counts from the next handshake on. A file that cannot be used is reported as the event
 * `directory-problem` and keeps only its own client out.
 *
 * Client ids are looked up in the listing; none ever becomes part of a path.
 */
export function directoryFolder(path: string, options: DirectoryFolderOptions = {}): WatchedDirectory {
  const { crypto = defaultCrypto, maxFiles = 10_000, maxFileBytes = 16_384 } = options;
  for (const [name, value] of Object.entries({ maxFiles, maxFileBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new ServerError('E_OPTION', `${name} must be a whole number of at least 1`);
    }
  }
  return {
    async open(report) {
      const folder = new Folder(path, crypto, maxFiles, maxFileBytes, report);
      try {
        await folder.start();
      } catch (cause) {
        throw new ServerError('E_DIRECTORY', `the folder ${path} cannot be read: see the cause`, { cause });
      }
      return folder;
    },
  };
}

interface File {
  readonly version: string;
  readonly settled: boolean;
  /** Undefined for a file that cannot be used. */
  readonly entry: ClientEntry | undefined;
}

class Folder implements OpenDirectory {
  readonly #path: string;
  readonly #crypto: Crypto;
  readonly #maxFiles: number;
  readonly #maxFileBytes: number;
  readonly #report: (source: string, error: Error) => void;
  #files = new Map<string, File>();
  #watcher: FSWatcher | undefined;
  #changed = false;
  #scannedAt = 0;
  #scanning: Promise<void> | undefined;
  #closed = false;

  constructor(
    path: string,
    crypto: Crypto,
    maxFiles: number,
    maxFileBytes: number,
    report: (source: string, error: Error) => void,
  ) {
    this.#path = path;
    this.#crypto = crypto;
    this.#maxFiles = maxFiles;
    this.#maxFileBytes = maxFileBytes;
    this.#report = report;
  }

  async start(): Promise<void> {
    // Watched before it is read, so that no change falls in between.
    this.#watch();
    try {
      await this.#scan();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  readonly find = async (clientId: string): Promise<ClientEntry | undefined> => {
    if (this.#watcher === undefined && performance.now() - this.#scannedAt >= unwatchedInterval) {
      this.#changed = true;
    }
    while (this.#changed && !this.#closed) await this.#rescan();
    return this.#files.get(clientId)?.entry;
  };

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #watch(): void {
    try {
      const watcher = watch(this.#path, { persistent: false }, () => {
        this.#changed = true;
        // Read at once and not only at the next handshake, so that the operator hears of a broken file in time.
        void this.#rescan();
      });
      watcher.on('error', (error) => this.#stopWatching(error));
      this.#watcher = watcher;
    } catch (error) {
      this.#stopWatching(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #stopWatching(cause: Error): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    const message = `the folder cannot be watched; it is read again every ${unwatchedInterval} ms instead`;
    this.#report(this.#path, new ServerError('E_DIRECTORY', message, { cause }));
  }

  #rescan(): Promise<void> {
    this.#scanning ??= this.#scan()
      .catch((cause: unknown) => {
        const message = 'the folder cannot be read; the clients known so far stay';
        this.#report(this.#path, new ServerError('E_DIRECTORY', message, { cause }));
      })
      .finally(() => {
        this.#scanning = undefined;
      });
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    this.#changed = false;
    this.#scannedAt = performance.now();
    const names = (await readdir(this.#path)).filter((name) => name.endsWith(suffix)).sort();
    const files = new Map<string, File>();
    for (const name of names.slice(0, this.#maxFiles)) {
      const clientId = name.slice(0, -suffix.length);
      const file = await this.#read(name, this.#files.get(clientId));
      if (file !== undefined) files.set(clientId, file);
    }
    const left = names[this.#maxFiles];
    if (left !== undefined) {
      this.#report(left, entryError(`maxFiles: there are more than ${this.#maxFiles}; this one is left out`));
    }
    this.#files = files;
  }

  async #read(name: string, known: File | undefined): Promise<File | undefined> {
    const path = join(this.#path, name);
    let version = '';
    let settled = false;
    try {
      const stats = await stat(path, { bigint: true });
      version = versionOf(stats);
      if (known?.settled === true && known.version === version) return known;
      settled = BigInt(Date.now()) * 1_000_000n - stats.ctimeNs > settledAfterNs;
      const publicKey = await this.#import(path, stats);
      return { version, settled, entry: { publicKey } };
    } catch (error) {
      if (isMissing(error)) return undefined;
      // A broken file that has been reported is not reported again until it changes.
      if (known === undefined || known.entry !== undefined || known.version !== version) {
        this.#report(
          name,
          error instanceof ServerError ? error : entryError('the file cannot be used: see the cause', error),
        );
      }
      return { version, settled, entry: undefined };
    }
  }

  async #import(path: string, stats: BigIntStats): Promise<PublicKey> {
    // A pipe would be waited for without an end.
    if (!stats.isFile()) throw entryError('it is not a file');
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(this.#maxFileBytes + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > this.#maxFileBytes) {
        throw entryError(`maxFileBytes: it is larger than ${this.#maxFileBytes} bytes`);
      }
      return await this.#crypto.importPublicKey(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }
}

function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function entryError(message: string, cause?: unknown): ServerError {
  return new ServerError('E_CLIENT_ENTRY', message, cause === undefined ? undefined : { cause });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
