import { type ClientState, StoreError } from '@sealwire/store';
import { ClientImage, DurableClientState } from '@sealwire/store/kit';
import { openDatabase } from './database.js';
import { onDatabase } from './database-errors.js';
import { DatabaseSink } from './database-sink.js';
import { type IndexedDbStateOptions, normalizeOptions } from './options.js';
import { lockPage } from './page-lock.js';
import { claimDatabase } from './read-database.js';

/**
 * Opens the memory of one client in the database `sealwire/<name>` of this origin, made if it is missing.
 *
 * Every promise of the state resolves when its transaction, of durability `strict`, is complete. After one has
 * failed every call rejects with that error until the state is closed and opened again.
 *
 * @throws StoreError `E_LOCKED` while another page has it open (where there are no Web Locks the newest page has
 * it, and the older one's next write is E_LOCKED); `E_FORMAT`, `E_CORRUPT`, `E_DISK_FULL`, `E_IO`, `E_ARGUMENT`
 */
export async function openIndexedDbState(
  name: string,
  options: IndexedDbStateOptions = {},
): Promise<ClientState> {
  if (typeof name !== 'string' || name === '') {
    throw new StoreError('E_ARGUMENT', 'name must be a string that is not empty');
  }
  const { lockTimeout, ...bounds } = normalizeOptions(options);
  const factory: IDBFactory | undefined = globalThis.indexedDB;
  if (factory === undefined)
    throw new StoreError('E_IO', 'there is no IndexedDB here: open another kind of state');
  const full = `sealwire/${name}`;
  const lock = await lockPage(full, lockTimeout);
  let database: IDBDatabase | undefined;
  try {
    return await onDatabase(full, async () => {
      const opened = await openDatabase(factory, full);
      database = opened;
      const owner = newOwner();
      const saved = await claimDatabase(opened, full, owner);
      return new DurableClientState(
        new ClientImage(saved, bounds),
        new DatabaseSink(opened, full, owner, lock),
      );
    });
  } catch (error) {
    database?.close();
    await lock.release();
    throw error;
  }
}

/** `randomUUID` is there in secure contexts only. */
function newOwner(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('-');
}
