import { resolve } from 'node:path';
import { type ClientState, StoreError } from '@sealwire/store';
import { nodeDisk } from './node-disk.js';
import { openState } from './open.js';
import type { FileStateOptions } from './options.js';

/**
 * Opens the memory of one client in a folder of its own, made if it is missing (its parent must be there).
 *
 * Every promise of the state resolves after the flush (`fdatasync`). After a failed write or flush every call
 * rejects with that error until the state is closed and opened again.
 *
 * @throws StoreError `E_LOCKED` while another process, or this one, has it open; `E_CORRUPT` and `E_FORMAT` if the
 * journal is not whole or not one of this version, with nothing changed; `E_DISK_FULL`, `E_IO`, `E_ARGUMENT`
 */
export async function openFileState(folder: string, options: FileStateOptions = {}): Promise<ClientState> {
  if (typeof folder !== 'string' || folder === '') {
    throw new StoreError('E_ARGUMENT', 'folder must be the path of a folder');
  }
  return openState(nodeDisk, resolve(folder), options);
}
