import { type Commit, memoryServerStore, type ServerStore } from '@sealwire/store';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { type LmdbServerStore, openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';
import { json } from './tools.js';

const { directory, remove } = scratch();
afterAll(remove);

const CLIENTS = ['', 'a', 'a\0', 'ä', '__proto__'];
const KEYS = ['', 'k', 'k\0', '../k'];
const BOUNDS = { maxEntriesPerClient: 6, maxRefusals: 2 };

const client = fc.nat(CLIENTS.length - 1);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const), client }) },
  {
    weight: 24,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      client,
      session: fc.boolean(),
      skip: fc.constantFrom(0n, 0n, 0n, 0n, 1n),
      refuse: fc.boolean(),
      publishes: fc.array(client, { maxLength: 9 }),
      puts: fc.array(fc.tuple(fc.nat(KEYS.length - 1), fc.boolean()), { maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
  // Starting a writer's thread takes longer than a hundred steps.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: { code: string }) => error.code);
}

/** Everything that can be seen of a store. */
async function seen(store: ServerStore) {
  const clients = CLIENTS.map(async (clientId) => ({
    record: await store.read(clientId),
    log: await store.readLog(clientId, 0n, { count: 100, bytes: 100_000 }),
    refusals: await store.refusals(clientId, -1n),
  }));
  const values = KEYS.map((key) => store.get(key));
  const listed = store.list({ prefix: '', limit: { count: 100, bytes: 100_000 } });
  return JSON.parse(
    JSON.stringify([await Promise.all(clients), await Promise.all(values), await listed], (_, value) => {
      if (typeof value === 'bigint') return `${value}n`;
      return value instanceof Uint8Array || value?.type === 'Buffer' ? [...(value.data ?? value)] : value;
    }),
  );
}

/** Of those that are watched, what was flushed last is read from memory, and read again it is on the disk. */
async function open(path: string): Promise<LmdbServerStore> {
  const store = await openLmdbStore(path, BOUNDS);
  for (const clientId of CLIENTS.slice(1)) store.watch(clientId, () => {});
  return store;
}

/** Does the same to a store in memory and to one on disk, without waiting unless the step says so. */
async function run(steps: readonly Step[]): Promise<void> {
  const path = directory();
  const memory = memoryServerStore(BOUNDS);
  let disk = await open(path);
  const epochs = CLIENTS.map(() => 0n);
  const sequences = CLIENTS.map(() => 0n);
  const pending: Promise<unknown>[] = [];
  const both = (call: (store: ServerStore) => Promise<unknown>) => {
    const outcomes = [outcome(call(memory)), outcome(call(disk))];
    pending.push(Promise.all(outcomes).then(([expected, actual]) => expect(actual).toEqual(expected)));
  };
  for (const [n, each] of steps.entries()) {
    if (each.do === 'claim') {
      epochs[each.client]! += 1n;
      both(async (store) => (await store.claim(CLIENTS[each.client]!, 'any')).epoch);
    } else if (each.do === 'commit') {
      const session = each.session && {
        session: { clientId: CLIENTS[each.client]!, epoch: epochs[each.client]! },
      };
      const sequence = sequences[each.client]! + each.skip;
      const accepted = each.session && epochs[each.client]! > 0n && each.skip === 0n;
      if (accepted) sequences[each.client]! += 1n;
      const commit: Commit = {
        ...(session && {
          ...session,
          sequence,
          layout: `layout ${n}`,
          ...(each.refuse && { refusal: `no ${n}` }),
        }),
        publishes: each.publishes.map((to, i) => ({
          clientId: CLIENTS[to]!,
          json: json(`${n}.${i}`),
          timestamp: n,
        })),
        puts: each.puts.map(([key, keep]) => ({ key: KEYS[key]!, value: keep ? json(n) : null })),
      };
      both((store) => store.commit(commit).flushed);
    } else {
      await Promise.all(pending.splice(0));
      if (each.do === 'restart') {
        await disk.close();
        disk = await open(path);
      }
      for (let time = 0; time < 2; time++) expect(await seen(disk)).toEqual(await seen(memory));
    }
  }
  await Promise.all(pending);
  expect(await seen(disk)).toEqual(await seen(memory));
  await disk.close();
}

it('does what the store in memory does, whatever is done to both', { timeout: 120_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), run), {
    numRuns: 12,
  });
});
