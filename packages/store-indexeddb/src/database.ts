import { StoreError } from '@sealwire/store';

/**
 * Version 1: in `state` the entries `fields` ({@link Fields}), `pin` and `owner` (who opened it last); in `outbox`
 * the json of each unconfirmed message under its index.
 */
const VERSION = 1;
export const STATE = 'state';
export const OUTBOX = 'outbox';

/** Structured clone keeps a bigint a bigint. */
export interface Fields {
  readonly savedOrder: bigint;
  readonly reservedOrder: bigint;
  readonly sequenceOffset: bigint | undefined;
  readonly firstIndex: bigint;
  readonly nextIndex: bigint;
}

/** Rejects with E_LOCKED while a page of an older version does not let go, else with errors of IndexedDB. */
export function openDatabase(factory: IDBFactory, name: string, version = VERSION): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, version);
    let blocked = false;
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STATE);
      request.result.createObjectStore(OUTBOX);
    };
    request.onblocked = () => {
      blocked = true;
      reject(
        new StoreError('E_LOCKED', `${name} is in use by a page of an older version: close that one first`),
      );
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      // Nobody waits for it any more, and open it would be in the way of others.
      if (blocked) request.result.close();
      else resolve(request.result);
    };
  });
}

/** Both stores in one transaction that counts as done only when it is on the disk, where the browser can tell. */
export function begin(database: IDBDatabase) {
  const transaction = database.transaction([STATE, OUTBOX], 'readwrite', { durability: 'strict' });
  return {
    transaction,
    state: transaction.objectStore(STATE),
    outbox: transaction.objectStore(OUTBOX),
    done: new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was given up'));
    }),
  };
}

/** 2^53 messages are 285 years at a million a second. */
export function keyOf(index: bigint): number {
  if (index > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new StoreError('E_ARGUMENT', `index ${index} is beyond what a key can be`);
  }
  return Number(index);
}
