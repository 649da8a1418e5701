import { STORE_LIMITS } from '../limits.js';
import type { KeyValue, ListQuery, ReadLimit, ServerStore } from '../server-store.js';
import { equal, fails, ok } from './assert.js';
import { AWKWARD_NAMES, bytesOf, done, PLENTY, type Runner, range, type StoreIt } from './tools.js';

export function listTests(runner: Runner, it: StoreIt<ServerStore>): void {
  runner.describe('list', () => {
    it('gives the values with a prefix, and no others', async (store) => {
      await putKeys(store, ['b/1', 'a', 'a/2', 'a/', 'A/3', 'a/1', 'a0']);
      equal(await keysOf(store, 'a/'), ['a/', 'a/1', 'a/2'], 'with a prefix');
      equal(await keysOf(store, ''), ['A/3', 'a', 'a/', 'a/1', 'a/2', 'a0', 'b/1'], 'all');
      equal(await keysOf(store, 'c'), [], 'none');
      equal(await keysOf(store, 'x'.repeat(STORE_LIMITS.key)), [], 'of the longest prefix');
      const [first] = await store.list({ prefix: 'a/2', limit: PLENTY });
      equal(first, { key: 'a/2', value: bytesOf(2) }, 'a value beside its key');
    });

    it('gives keys in the order of their bytes', async (store) => {
      const utf8 = new TextEncoder();
      const byBytes = (a: string, b: string): number => compareBytes(utf8.encode(a), utf8.encode(b));
      await putKeys(store, [...AWKWARD_NAMES].reverse());
      equal(await keysOf(store, ''), [...AWKWARD_NAMES].sort(byBytes), 'keys');
    });

    it('gives a page of at most `count` values and `bytes` bytes, and at least one', async (store) => {
      const sizes = [4, 4, 9, 0, 4];
      const puts = sizes.map((size, n) => ({ key: `k${n}`, value: new Uint8Array(size) }));
      await done(store, { puts });
      const page = async (limit: ReadLimit, after?: string) =>
        (await store.list({ prefix: 'k', after, limit })).map(({ key }) => key);
      equal(await page({ count: 2, bytes: 100 }), ['k0', 'k1'], 'count');
      equal(await page({ count: 9, bytes: 8 }), ['k0', 'k1'], 'bytes that fit exactly');
      equal(await page({ count: 9, bytes: 7 }), ['k0'], 'one byte less');
      equal(await page({ count: 9, bytes: 1 }, 'k1'), ['k2'], 'a value larger than all');
    });

    it('goes on behind `after`, whether that key is there or not', async (store) => {
      const keys = range(20).map((n) => `k${String(n).padStart(2, '0')}`);
      await putKeys(store, [...keys, 'j', 'l']);
      for (const count of [1, 3, 20]) {
        equal(await keysOf(store, 'k', count), keys, `in pages of ${count}`);
      }
      const after = (key: string) => firstKey(store, { prefix: 'k', after: key, limit: PLENTY });
      equal(await after('k04x'), 'k05', 'behind a key that is not there');
      equal(await after('k04\0'), 'k05', 'behind the key next to one');
      equal(await after('a'), 'k00', 'behind a key before the prefix');
      equal(await after('k19'), undefined, 'behind the last');
      equal(await after('z'), undefined, 'behind a key beyond the prefix');
      await done(store, { puts: [{ key: 'k05', value: null }] });
      equal(await after('k04'), 'k06', 'over a key that was removed');
      equal(await after('k05'), 'k06', 'behind a key that was removed');
    });

    it('shows what was committed before, and nothing of what failed', async (store) => {
      store.commit({ puts: [{ key: 'k', value: bytesOf(1) }] });
      store.commit({ sequence: 0n, puts: [{ key: 'l', value: bytesOf(2) }] });
      equal(await keysOf(store, ''), ['k'], 'keys');
    });

    it('refuses what is no query with E_ARGUMENT', async (store) => {
      const queries: Record<string, unknown> = {
        'a prefix that is too long': { prefix: 'x'.repeat(STORE_LIMITS.key + 1), limit: PLENTY },
        'a prefix with a lone surrogate': { prefix: '\ud83d', limit: PLENTY },
        'no prefix': { limit: PLENTY },
        'an after that is no string': { prefix: '', after: 1, limit: PLENTY },
        'no limit': { prefix: '' },
        'a count of 0': { prefix: '', limit: { count: 0, bytes: 1 } },
        'bytes of 0': { prefix: '', limit: { count: 1, bytes: 0 } },
        'no query': null,
      };
      for (const [what, query] of Object.entries(queries)) {
        await fails(store.list(query as ListQuery), 'E_ARGUMENT', what);
      }
    });
  });
}

/** All pages, as an application reads them. */
export async function listAll(store: ServerStore, prefix: string, count = 1000): Promise<KeyValue[]> {
  const all: KeyValue[] = [];
  for (let after: string | undefined; ; after = all.at(-1)?.key) {
    const page = await store.list({ prefix, after, limit: { count, bytes: 1 << 24 } });
    if (page.length === 0) return all;
    ok(page.length <= count, 'no page has more than `count` values');
    // A store that gives the same page again must fail here, not be read for ever.
    ok(page[0]?.key !== after, 'the key in `after` is not listed again');
    all.push(...page);
  }
}

async function keysOf(store: ServerStore, prefix: string, count?: number): Promise<string[]> {
  return (await listAll(store, prefix, count)).map(({ key }) => key);
}

async function firstKey(store: ServerStore, query: ListQuery): Promise<string | undefined> {
  return (await store.list(query))[0]?.key;
}

/** Each with its place in the list as the value. */
async function putKeys(store: ServerStore, keys: readonly string[]): Promise<void> {
  await done(store, { puts: keys.map((key, n) => ({ key, value: bytesOf(n) })) });
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const index = a.findIndex((byte, i) => byte !== b[i]);
  return index < 0 ? a.length - b.length : (a[index] ?? 0) - (b[index] ?? -1);
}
