import { StoreError } from './errors.js';
import { compareKeys, listEntries } from './list-entries.js';
import { ENTRY_COST } from './memory-options.js';
import type { KeyValue, ListQuery, Put } from './server-store.js';

/** The application's own state within a number of bytes. */
export class MemoryValues {
  readonly #maxBytes: number;
  readonly #values = new Map<string, Uint8Array>();
  #bytes = 0;
  /** Made when somebody lists, and kept until a key comes or goes. */
  #sortedKeys: readonly string[] | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  list(query: ListQuery): readonly KeyValue[] {
    this.#sortedKeys ??= [...this.#values.keys()].sort(compareKeys);
    return listEntries(this.#sortedKeys, this.#values, query);
  }

  /** Throws E_FULL if the values would not fit once all puts are applied. */
  checkRoom(puts: readonly Put[]): void {
    const last = new Map(puts.map(({ key, value }) => [key, value]));
    let bytes = this.#bytes;
    for (const [key, value] of last) bytes += sizeOf(key, value) - sizeOf(key, this.#values.get(key));
    if (bytes > this.#maxBytes) {
      throw new StoreError('E_FULL', 'maxStateBytes: remove keys or raise the bound');
    }
  }

  apply(puts: readonly Put[]): void {
    for (const { key, value } of puts) {
      this.#bytes += sizeOf(key, value) - sizeOf(key, this.#values.get(key));
      if (this.#values.has(key) === (value === null)) this.#sortedKeys = undefined;
      if (value === null) this.#values.delete(key);
      else
        this.#values.set(key, value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value));
    }
  }
}

function sizeOf(key: string, value: Uint8Array | null | undefined): number {
  return value == null ? 0 : key.length * 2 + value.byteLength + ENTRY_COST;
}
