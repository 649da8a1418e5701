import type { KeyValue, ListQuery } from './server-store.js';

/**
 * The page that a query asks for, of values in memory.
 *
 * @param keys of all values, as `compareKeys` sorts them
 */
export function listEntries(
  keys: readonly string[],
  values: ReadonlyMap<string, Uint8Array>,
  { prefix, after, limit }: ListQuery,
): KeyValue[] {
  const page: KeyValue[] = [];
  let room = limit.bytes;
  for (let index = startOf(keys, prefix, after); page.length < limit.count; index += 1) {
    const key = keys[index];
    const value = key === undefined ? undefined : values.get(key);
    if (key === undefined || value === undefined || !key.startsWith(prefix)) break;
    room -= value.byteLength;
    if (room < 0 && page.length > 0) break;
    page.push({ key, value });
  }
  return page;
}

/** By the bytes of UTF-8, which is the order of code points; that of UTF-16 differs where surrogates come in. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Puts surrogates, which stand for code points above 0xffff, behind all other code units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Half of the keys is ruled out with each look. */
function startOf(keys: readonly string[], prefix: string, after: string | undefined): number {
  const isBefore = (key: string): boolean =>
    compareKeys(key, prefix) < 0 || (after !== undefined && compareKeys(key, after) <= 0);
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(keys[middle] as string)) low = middle + 1;
    else high = middle;
  }
  return low;
}
