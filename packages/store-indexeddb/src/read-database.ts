import { type SavedClient, StoreError } from '@sealwire/store';
import { EMPTY_CLIENT } from '@sealwire/store/kit';
import { begin, type Fields } from './database.js';

/**
 * All that is stored, after putting the mark of this owner: whoever opened it before can write no more.
 * Rejects with E_CORRUPT, without a mark, if what is stored does not fit together.
 */
export async function claimDatabase(
  database: IDBDatabase,
  name: string,
  owner: string,
): Promise<SavedClient> {
  const { state, outbox, done } = begin(database);
  const fields = state.get('fields');
  const pin = state.get('pin');
  const keys = outbox.getAllKeys();
  const values = outbox.getAll();
  let saved: SavedClient | undefined;
  // Requests of a transaction end in their order: with this one all have.
  values.onsuccess = () => {
    saved = combine(fields.result, pin.result, keys.result, values.result);
    if (saved) state.put(owner, 'owner');
  };
  await done;
  if (saved) return saved;
  throw new StoreError('E_CORRUPT', `${name}: what is stored does not fit together: nothing was changed`);
}

function combine(
  fields: unknown,
  pin: unknown,
  keys: readonly IDBValidKey[],
  values: readonly unknown[],
): SavedClient | undefined {
  if (fields === undefined) return pin === undefined && keys.length === 0 ? EMPTY_CLIENT : undefined;
  if (!isFields(fields)) return undefined;
  if (pin !== undefined && !(pin instanceof Uint8Array)) return undefined;
  const { firstIndex, ...rest } = fields;
  const first = Number(firstIndex);
  if (BigInt(keys.length) !== fields.nextIndex - firstIndex) return undefined;
  if (!keys.every((key, i) => key === first + i)) return undefined;
  if (!values.every((json) => json instanceof Uint8Array)) return undefined;
  return { ...rest, pin, outbox: values.map((json, i) => ({ index: firstIndex + BigInt(i), json })) };
}

function isFields(fields: unknown): fields is Fields {
  if (typeof fields !== 'object' || fields === null) return false;
  const { savedOrder, reservedOrder, sequenceOffset, firstIndex, nextIndex } = fields as Partial<Fields>;
  const all = [savedOrder, reservedOrder, sequenceOffset ?? 0n, firstIndex, nextIndex];
  return all.every((value) => typeof value === 'bigint');
}
