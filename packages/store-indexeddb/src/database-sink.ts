import { StoreError } from '@sealwire/store';
import type { ImageChange, ImageSink } from '@sealwire/store/kit';
import { begin, type Fields, keyOf, OUTBOX, STATE } from './database.js';
import { onDatabase } from './database-errors.js';
import type { PageLock } from './page-lock.js';

/** One transaction per change. */
export class DatabaseSink implements ImageSink {
  readonly #database: IDBDatabase;
  readonly #name: string;
  readonly #owner: string;
  readonly #lock: PageLock;
  #lost: StoreError | undefined;

  constructor(database: IDBDatabase, name: string, owner: string, lock: PageLock) {
    this.#database = database;
    this.#name = name;
    this.#owner = owner;
    this.#lock = lock;
    database.onversionchange = () => {
      this.#lost = new StoreError(
        'E_LOCKED',
        `${name} is taken over by a newer version or a deletion: reload the page`,
      );
      // Transactions that run are still finished; not to close would keep the other page waiting for ever.
      database.close();
    };
    database.onclose = () => {
      this.#lost = new StoreError(
        'E_IO',
        `${name}: the browser has closed the database: open the state again`,
      );
    };
  }

  write(change: ImageChange): Promise<void> {
    return onDatabase(this.#name, async () => {
      if (this.#lost) throw this.#lost;
      const { transaction, state, done } = begin(this.#database);
      let taken = false;
      const owner = state.get('owner');
      owner.onsuccess = () => {
        taken = owner.result !== this.#owner;
        if (taken) transaction.abort();
      };
      try {
        this.#put(transaction, change);
      } catch (error) {
        transaction.abort();
        await done.catch(() => {});
        throw error;
      }
      await done.catch((error) => {
        throw taken ? takenOver(this.#name) : error;
      });
    });
  }

  #put(transaction: IDBTransaction, { appended, pin, ...rest }: ImageChange): void {
    const state = transaction.objectStore(STATE);
    const outbox = transaction.objectStore(OUTBOX);
    const fields: Fields = rest;
    state.put(fields, 'fields');
    if (pin === null) state.delete('pin');
    else if (pin !== undefined) state.put(compact(pin), 'pin');
    outbox.delete(IDBKeyRange.upperBound(keyOf(fields.firstIndex), true));
    for (const { index, json } of appended) outbox.add(compact(json), keyOf(index));
  }

  async close(): Promise<void> {
    this.#database.close();
    await this.#lock.release();
  }
}

/** Storing a part of a buffer would store all of the buffer, and shared memory not at all. */
function compact(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes;
  return bytes.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}

function takenOver(name: string): StoreError {
  return new StoreError(
    'E_LOCKED',
    `${name} was opened by another page after this one: it belongs to that one`,
  );
}
