import { join } from 'node:path';
import { codeOf, UsageError } from '@sealwire/demo-common';
import type { ServerStore } from '@sealwire/store';
import { openLmdbStore } from '@sealwire/store-lmdb';

/**
 * What the server remembers, in the folder `messages` of the data folder: nothing is confirmed before it is on disk.
 *
 * @throws UsageError where the folder cannot be used
 */
export async function openStore(data: string): Promise<ServerStore> {
  const path = join(data, 'messages');
  try {
    return await openLmdbStore(path);
  } catch (cause) {
    throw new UsageError(`--data ${data} cannot be used: ${complaint(codeOf(cause), path)}`, { cause });
  }
}

function complaint(code: string | undefined, path: string): string {
  switch (code) {
    case 'E_LOCKED':
      return 'another server has it open: end that one, or give another folder.';
    case 'E_FORMAT':
    case 'E_CORRUPT':
      return `${path} is not a sound store of this version: restore a backup, or give another folder.`;
    case 'E_DISK_FULL':
      return 'the disk is full: make room.';
    default:
      return `${path} cannot be opened (${code ?? 'unknown error'}): check its permissions, or give another folder.`;
  }
}
