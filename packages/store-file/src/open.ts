import { join } from 'node:path';
import type { ClientState } from '@sealwire/store';
import { ClientImage, DurableClientState, EMPTY_CLIENT } from '@sealwire/store/kit';
import type { Disk } from './disk.js';
import { onDisk } from './disk-errors.js';
import { JOURNAL, Journal } from './journal.js';
import { type FileStateOptions, MAX_JOURNAL_BYTES, normalizeOptions } from './options.js';
import { readJournal } from './read-journal.js';

/** Opens the state in this folder of this disk. */
export async function openState(disk: Disk, folder: string, options: FileStateOptions): Promise<ClientState> {
  const { compactBytes, ...bounds } = normalizeOptions(options);
  const lock = await onDisk(folder, async () => {
    await disk.makeFolder(folder);
    return disk.lock(folder);
  });
  const journal = new Journal(disk, folder, lock, compactBytes);
  try {
    const path = join(folder, JOURNAL);
    const bytes = await onDisk(folder, () => disk.read(path, MAX_JOURNAL_BYTES));
    const image = new ClientImage(bytes === undefined ? EMPTY_CLIENT : readJournal(bytes, path), bounds);
    // What was read may be in the cache only (a process killed before its flush, a flush that failed): writing all
    // of it anew is what makes it durable. It also leaves behind a record that was cut short.
    await journal.replace(image.whole());
    return new DurableClientState(image, journal);
  } catch (error) {
    await journal.close().catch(() => {});
    throw error;
  }
}
