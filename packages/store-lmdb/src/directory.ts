import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '@sealwire/store';
import { checkMetaPages } from './meta-pages.js';

/**
 * A store is `<path>/store` with the marker and LMDB's two files. It is made under another name and renamed when it
 * is whole, so there is either a store or none, and a store without its data is a damaged one and never made anew.
 */
const STORE = 'store';
const MARKER = 'sealwire.json';
const DATA = 'data.mdb';
/** What may lie in a directory in which a store is made: a new file system has one, and a crash leaves the other. */
const HARMLESS = /^(lost\+found|making-.*)$/;

export const KIND = 'sealwire-store-lmdb';
/** Of the rows and of this directory. */
export const FORMAT_VERSION = 3;

export interface Marker {
  readonly kind: typeof KIND;
  readonly version: number;
  /** Also in the data file: another file under this marker is refused. */
  readonly id: string;
}

/** What is to be opened: everything that can be said without opening it was checked. */
export interface Found {
  readonly file: string;
  readonly marker: Marker;
}

/** Throws E_FORMAT or E_CORRUPT naming the path; changes nothing. undefined: there is no store yet. */
export function findStore(path: string): Found | undefined {
  const store = join(path, STORE);
  if (!existsSync(store)) {
    const others = existsSync(path) ? listDirectory(path).filter((name) => !HARMLESS.test(name)) : [];
    if (others.length === 0) return undefined;
    throw new StoreError(
      'E_FORMAT',
      `${path} has no store but other files (${others[0]}): name another directory`,
    );
  }
  const marker = readMarker(join(store, MARKER));
  const file = join(store, DATA);
  checkMetaPages(file);
  return { file, marker };
}

/**
 * Makes a store at `path`: `fill` writes the data file that it is given. Of several that do so at the same time one
 * wins, and the others find its store.
 */
export async function makeStore(
  path: string,
  marker: Marker,
  fill: (file: string) => Promise<void>,
): Promise<void> {
  const making = join(path, `making-${randomUUID()}`);
  // What is in it holds payloads, and LMDB makes files that all users of the machine may read.
  mkdirSync(making, { recursive: true, mode: 0o700 });
  try {
    const file = join(making, DATA);
    await fill(file);
    rmSync(`${file}-lock`, { force: true });
    const needed = checkMetaPages(file);
    if (statSync(file).size < needed) truncateSync(file, needed);
    writeFileSync(join(making, MARKER), `${JSON.stringify(marker, null, 2)}\n`);
    for (const name of [DATA, MARKER, '.']) sync(join(making, name));
    renameSync(making, join(path, STORE));
    sync(path);
  } catch (cause) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(join(path, STORE))) throw cause;
  }
}

export function newMarker(): Marker {
  return { kind: KIND, version: FORMAT_VERSION, id: randomUUID() };
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    throw new StoreError('E_FORMAT', `${path} is not a directory that can be read`, { cause });
  }
}

function readMarker(file: string): Marker {
  let marker: Partial<Marker> | null;
  try {
    marker = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new StoreError('E_FORMAT', `${file} is missing or damaged: this is no store, or a part of one`, {
      cause,
    });
  }
  if (marker?.kind !== KIND || typeof marker.id !== 'string' || !Number.isInteger(marker.version)) {
    throw new StoreError('E_FORMAT', `${file} is not the marker of a store`);
  }
  if (marker.version !== FORMAT_VERSION) {
    throw new StoreError(
      'E_FORMAT',
      `${file} names version ${marker.version} of the format; this software reads ${FORMAT_VERSION}`,
    );
  }
  return marker as Marker;
}

/** Windows neither can nor must flush a directory. */
function sync(path: string): void {
  if (process.platform === 'win32' && statSync(path).isDirectory()) return;
  const fd = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
