import { expect, it } from 'vitest';
import {
  behindPartition,
  Partition,
  runUntil,
  SimClock,
  SimDatabase,
  SimProcess,
  seededRandom,
  simStore,
} from '../src/index.js';

const journal = { staged() {}, kept() {}, claimed() {} };
const clock = new SimClock();
const database = new SimDatabase(
  clock,
  seededRandom('partition'),
  { pace: { flush: 2, tell: 1 }, maxEntries: 100, orderStep: 1 },
  journal,
);
const pass = () => runUntil(clock, clock.now + 100, () => false);
const json = new TextEncoder().encode('{}');
const publish = { publishes: [{ clientId: 'alice', json, timestamp: 0 }] };

it('keeps commits back while it is cut, and then lets them be fenced', async () => {
  const way = new Partition();
  const [near, far] = [new SimProcess('near', clock), new SimProcess('far', clock)];
  const store = behindPartition(simStore(database, far), way, far);
  const claiming = store.claim('alice', 'any');
  await pass();
  const { epoch } = await claiming;
  way.cut();
  const settled: unknown[] = [];
  const receipt = store.commit({ session: { clientId: 'alice', epoch }, sequence: 0n });
  receipt.staged.catch((error) => settled.push(error.code));
  void simStore(database, near).claim('alice', 'any');
  await pass();
  expect(settled).toEqual([]);
  way.heal();
  await pass();
  expect(settled).toEqual(['E_FENCED']);
  expect(database.record('alice').lastSequence).toBe(-1n);
});

it('keeps answers and news back too, in order, and drops those for a process that is gone', async () => {
  const way = new Partition();
  const process = new SimProcess('far', clock);
  const store = behindPartition(simStore(database, process), way, process);
  const news: unknown[] = [];
  store.watch('alice', (head) => news.push(head));
  void store.commit(publish).flushed.then((orders) => news.push(orders));
  way.cut();
  await pass();
  expect(database.record('alice').head).toBe(1n);
  expect(news).toEqual([]);
  way.heal();
  await pass();
  expect(news).toEqual(expect.arrayContaining([1n, [1n]]));
  way.cut();
  void store.commit(publish);
  process.kill();
  way.heal();
  await pass();
  expect(database.record('alice').head).toBe(1n);
});

it('removes all but the newest messages where retention is asked for', async () => {
  const store = simStore(database, new SimProcess('near', clock));
  for (let count = 0; count < 4; count++) void store.commit(publish);
  await pass();
  database.retain(2);
  const { entries, removedUpTo, head } = database.readLog('alice', -1n, { count: 10, bytes: 1_000 });
  expect(entries.map(({ order }) => order)).toEqual([4n, 5n]);
  expect([removedUpTo, head]).toEqual([3n, 5n]);
});
