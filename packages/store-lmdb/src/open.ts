import { realpathSync } from 'node:fs';
import { StoreError } from '@sealwire/store';
import { Core } from './core.js';
import { createDataFile, formatOf } from './create.js';
import { type Found, findStore, makeStore, newMarker } from './directory.js';
import { asStoreError } from './errors.js';
import { Handle, type LmdbServerStore, Shared } from './handle.js';
import { type LmdbStoreOptions, normalizeOptions } from './options.js';
import { Reader } from './reader.js';
import { ensureLockFile } from './room.js';
import { openWriter } from './writer.js';

/** Paths of this process; LMDB itself must not be opened twice by one. */
const opened = new Set<string>();

/**
 * Opens the store in the directory `path`, and makes one if the directory is missing or empty. Rejects with E_LOCKED
 * (another process, or this one, has it open), E_FORMAT (something else, or of a newer version), E_CORRUPT (damaged),
 * E_ARGUMENT (options) or E_IO. Nothing is ever deleted or made anew.
 */
export async function openLmdbStore(path: string, options: LmdbStoreOptions = {}): Promise<LmdbServerStore> {
  const complete = normalizeOptions(options);
  try {
    return await openAt(path, complete);
  } catch (error) {
    throw asStoreError(error);
  }
}

async function openAt(path: string, complete: Required<LmdbStoreOptions>): Promise<LmdbServerStore> {
  const found = findStore(path) ?? (await make(path));
  const file = realpathSync(found.file);
  if (opened.has(file)) {
    throw new StoreError('E_LOCKED', `this process has ${file} open: use open() of that store`);
  }
  opened.add(file);
  try {
    ensureLockFile(file);
    const writer = await openWriter(file, formatOf(found.marker), complete.maxSize);
    const core = new Core(new Reader(file, complete.maxSize), writer, complete);
    return new Handle(new Shared(core, found, complete.maxAge, () => opened.delete(file)));
  } catch (error) {
    opened.delete(file);
    throw error;
  }
}

async function make(path: string): Promise<Found> {
  const marker = newMarker();
  await makeStore(path, marker, (file) => createDataFile(file, marker));
  const found = findStore(path);
  if (found === undefined) throw new StoreError('E_IO', `${path}: a store was made there and is gone again`);
  return found;
}
