import { type BigIntStats, constants, type FSWatcher, watch } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Crypto, crypto as defaultCrypto, type PublicKey } from '@sealwire/crypto';
import type { ClientEntry, OpenDirectory, WatchedDirectory } from './directory.js';
import { ServerError } from './errors.js';
import { checkNames } from './option-names.js';

export interface DirectoryFolderOptions {
  /** Default: `crypto` of @sealwire/crypto. */
  readonly crypto?: Crypto;
  /** Files of clients that are read; one more is reported and left out. Default 10,000. */
  readonly maxFiles?: number;
  /** Bytes of one file. Default 16 KiB. */
  readonly maxFileBytes?: number;
}

const folderOptions: Record<keyof DirectoryFolderOptions, true> = {
  crypto: true,
  maxFiles: true,
  maxFileBytes: true,
};

const suffix = '.pub';
/** Of an empty file beside the key, for a client that is hardened or refused. */
const requireSuffix = '.require';
/** Milliseconds: what changed less than this before it was looked at may change again without a new time stamp. */
const settledAfter = 100;

/**
 * A folder of public keys: `<client id>.pub` holds the key of one client, PEM or DER. A file that was added, replaced or
 * removed counts from the next handshake on. The folder is watched, too, so that a file that cannot be used is
 * reported at once, as the event `directory-problem`; it keeps only its own client out. An empty file
 * `<client id>.require` beside the key says `hardening: 'require'` of this client.
 *
 * Client ids are looked up in the listing; none ever becomes part of a path.
 */
export function directoryFolder(path: string, options: DirectoryFolderOptions = {}): WatchedDirectory {
  checkNames('directoryFolder', options, folderOptions);
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

/** By which a change is told. */
interface Version {
  readonly text: string;
  /** When it was first seen, by a clock that nobody sets. */
  readonly since: number;
  readonly settled: boolean;
}

interface File {
  readonly name: string;
  readonly version: Version;
  /** Undefined for a file that cannot be used. */
  readonly entry: ClientEntry | undefined;
}

class Folder implements OpenDirectory {
  readonly importsEarly = true;
  readonly #path: string;
  readonly #crypto: Crypto;
  readonly #maxFiles: number;
  readonly #maxFileBytes: number;
  readonly #report: (source: string, error: Error) => void;
  /** The version of each file in which it was reported. */
  readonly #reported = new Map<string, string>();
  #files = new Map<string, File>();
  /** Ids of clients that are hardened or refused. */
  #required: ReadonlySet<string> = new Set();
  #listing: Version | undefined;
  #watcher: FSWatcher | undefined;
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
    await this.#scan();
    try {
      this.#watcher = watch(this.#path, { persistent: false }, () => void this.#refresh());
      this.#watcher.on('error', (error) => this.#stopWatching(error));
    } catch (error) {
      this.#stopWatching(error);
    }
  }

  readonly find = async (clientId: string): Promise<ClientEntry | undefined> => {
    // The watcher tells the operator in time but may tell late: what counts is what the folder says now.
    if (!(await this.#isCurrent())) await this.#refresh();
    // For an unknown client the file of another one is looked at, so that the time does not tell who exists.
    const id = this.#files.has(clientId) ? clientId : this.#standIn();
    const known = id === undefined ? undefined : this.#files.get(id);
    if (id === undefined || known === undefined) return undefined;
    const file = await this.#read(known.name, known);
    if (file !== undefined) this.#files.set(id, file);
    if (id !== clientId) return undefined;
    if (file?.entry === undefined || !this.#required.has(clientId)) return file?.entry;
    return { ...file.entry, hardening: 'require' };
  };

  /** One that can be used: only such a file takes no more than a look where nothing has changed. */
  #standIn(): string | undefined {
    for (const [id, { entry }] of this.#files) if (entry !== undefined) return id;
    return undefined;
  }

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #stopWatching(cause: unknown): void {
    this.close();
    this.#closed = false;
    const message =
      'the folder cannot be watched: what changes is seen and reported at the next handshake only';
    this.#report(this.#path, new ServerError('E_DIRECTORY', message, { cause }));
  }

  async #isCurrent(): Promise<boolean> {
    try {
      const stats = await stat(this.#path, { bigint: true });
      return this.#listing?.settled === true && this.#listing.text === versionOf(stats, this.#listing).text;
    } catch {
      // Why it cannot be read is found out, and reported, by reading it.
      return false;
    }
  }

  /** What is scanned already may have been looked at before the change; a second scan has seen it, whatever changes meanwhile. */
  async #refresh(): Promise<void> {
    await this.#scanning;
    if (!this.#closed) await this.#rescan();
  }

  #rescan(): Promise<void> {
    this.#scanning ??= this.#scan()
      .catch((cause: unknown) => {
        if (this.#reported.get(this.#path) !== 'unreadable') {
          const message = 'the folder cannot be read: nobody in it can connect until it can';
          this.#report(this.#path, new ServerError('E_DIRECTORY', message, { cause }));
        }
        this.#reported.set(this.#path, 'unreadable');
      })
      .finally(() => {
        this.#scanning = undefined;
      });
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    const listing = versionOf(await stat(this.#path, { bigint: true }), this.#listing);
    const all = await readdir(this.#path);
    const names = all.filter((name) => name.endsWith(suffix)).sort();
    const markers = all.filter((name) => name.endsWith(requireSuffix));
    const files = new Map<string, File>();
    for (const name of names.slice(0, this.#maxFiles)) {
      const clientId = name.slice(0, -suffix.length);
      const file = await this.#read(name, this.#files.get(clientId));
      if (file !== undefined) files.set(clientId, file);
    }
    const left = names[this.#maxFiles];
    if (left !== undefined) {
      const error = entryError(`maxFiles: there are more than ${this.#maxFiles}; this one is left out`);
      this.#reportOnce(left, 'left out', error);
    }
    const required = new Set(markers.map((name) => name.slice(0, -requireSuffix.length)));
    const listed = new Set([...names, ...markers]);
    for (const clientId of required) {
      if (listed.has(clientId + suffix)) continue;
      const error = entryError(`there is no ${clientId}${suffix} that it could be about`);
      this.#reportOnce(clientId + requireSuffix, 'alone', error);
    }
    this.#files = files;
    this.#required = required;
    this.#listing = listing;
    for (const name of this.#reported.keys()) if (!listed.has(name)) this.#reported.delete(name);
  }

  /** Undefined for a file that is gone. */
  async #read(name: string, known: File | undefined): Promise<File | undefined> {
    const path = join(this.#path, name);
    let version: Version = { text: '', since: 0, settled: false };
    try {
      const stats = await stat(path, { bigint: true });
      version = versionOf(stats, known?.version);
      if (known?.version.settled === true && known.version.text === version.text) return known;
      return { name, version, entry: { publicKey: await this.#import(path, stats) } };
    } catch (error) {
      if (isMissing(error)) return undefined;
      const own = error instanceof ServerError;
      this.#reportOnce(
        name,
        version.text,
        own ? error : entryError('the file cannot be used: see the cause', error),
      );
      // What the system cannot do now, such as open one more file, says nothing about the file: it is tried again.
      const settled = version.settled && !isOfSystem(error);
      return { name, version: { ...version, settled }, entry: undefined };
    }
  }

  #reportOnce(name: string, version: string, error: Error): void {
    if (this.#reported.get(name) === version) return;
    this.#reported.set(name, version);
    this.#report(name, error);
  }

  async #import(path: string, stats: BigIntStats): Promise<PublicKey> {
    if (!stats.isFile()) throw entryError('it is not a file');
    // A pipe that has taken its place since would be waited for without an end, and a thread with it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
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

/** @param before what was seen there before, if anything was */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats, before: Version | undefined): Version {
  const text = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const now = performance.now();
  const since = before?.text === text ? before.since : now;
  // By the time stamp; where that lies ahead, because a clock was set back or a file server has its own, by having seen it.
  const settled = Date.now() - Number(ctimeNs / 1_000_000n) > settledAfter || now - since > settledAfter;
  return { text, since, settled };
}

function entryError(message: string, cause?: unknown): ServerError {
  return new ServerError('E_CLIENT_ENTRY', message, cause === undefined ? undefined : { cause });
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
