// How fast the store is beside plain lmdb with the same rows, in one run: pnpm --filter @sealwire/store-lmdb bench
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { openLmdbStore } from '../dist/index.js';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const CLIENTS = 512;
const EVENTS = 1000;
const IN_FLIGHT = 8;
const json = new Uint8Array(200).fill(97);
const ids = Array.from({ length: CLIENTS }, (_, n) => `client-${n}`);
const root = mkdtempSync(join(tmpdir(), 'sealwire-bench-'));
let made = 0;

/** Keys and values as long as the store's, in an lmdb that is opened as its documentation says. */
function plain() {
  const db = open(join(root, String(made++)), { keyEncoding: 'binary', encoding: 'binary' });
  const logKey = (client, order) => {
    const key = Buffer.allocUnsafe(13);
    key[0] = 3;
    key.writeUInt32BE(client, 1);
    key.writeBigUInt64BE(order, 5);
    return key;
  };
  const clientKeys = ids.map((id) => Buffer.from(`\x02${id}`));
  const orders = ids.map(() => 0n);
  const putEvent = (client) => {
    const value = Buffer.allocUnsafe(220);
    value.set(json, 20);
    orders[client] += 1n;
    db.put(logKey(client, orders[client]), value);
  };
  const putClient = (client) => db.put(clientKeys[client], Buffer.allocUnsafe(57));
  const durably = async (body) => {
    const written = db.batch(body);
    const { flushed } = db;
    await written;
    await flushed;
  };
  return {
    message: (client) =>
      durably(() => {
        putEvent(client);
        putClient(client);
      }),
    events: (first) =>
      durably(() => {
        for (let n = 0; n < EVENTS; n++) putEvent((first + n) % CLIENTS);
        for (let client = 0; client < CLIENTS; client++) putClient(client);
      }),
    close: () => db.close(),
  };
}

async function store() {
  const store = await openLmdbStore(join(root, String(made++)), { maxEntriesPerClient: 10_000_000 });
  const sessions = await Promise.all(
    ids.map(async (clientId) => ({ clientId, epoch: (await store.claim(clientId, 'any')).epoch })),
  );
  const sequences = ids.map(() => -1n);
  return {
    message: (client) => {
      sequences[client] += 1n;
      return store.commit({
        session: sessions[client],
        sequence: sequences[client],
        publishes: [{ clientId: ids[client], json, timestamp: 1 }],
      }).flushed;
    },
    events: (first) => {
      const publishes = [];
      for (let n = 0; n < EVENTS; n++) {
        publishes.push({ clientId: ids[(first + n) % CLIENTS], json, timestamp: 1 });
      }
      return store.commit({ publishes }).flushed;
    },
    close: () => store.close(),
  };
}

/** `lanes` that each wait for what they began. Returns how many a second, their times, and microseconds of CPU each. */
async function measure(lanes, one) {
  const times = [];
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const end = begin + SECONDS * 1000;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let now = performance.now(); now < end; ) {
        const started = now;
        await one(lane);
        now = performance.now();
        times.push(now - started);
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  const rate = (times.length / (performance.now() - begin)) * 1000;
  return { rate, times, cpu: (user + system) / times.length };
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const p99 = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)];

async function compare(name, lanes, each, run) {
  const results = { lmdb: [], store: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [who, make] of [
      ['lmdb', plain],
      ['store', store],
    ]) {
      const target = await make();
      results[who].push(await measure(lanes, (lane) => run(target, lane)));
      await target.close();
    }
  }
  const show = (list) => {
    const rate = Math.round((median(list.map(({ rate }) => rate)) * each) / 100) / 10;
    const cpu = (median(list.map(({ cpu }) => cpu)) / each).toFixed(1);
    return `${rate} thousand/s, p99 ${median(list.map(({ times }) => p99(times))).toFixed(1)} ms, ${cpu} µs of CPU each`;
  };
  const ratio = (of) =>
    median(results.store.map((each, round) => of(each) / of(results.lmdb[round]))).toFixed(2);
  console.log(name);
  console.log(`  lmdb   ${show(results.lmdb)}`);
  console.log(`  store  ${show(results.store)}`);
  console.log(
    `  ratio  ${ratio(({ rate }) => rate)} of the rate (goal: at least 0.5), ` +
      `${ratio(({ times }) => p99(times))} of the p99, ${ratio(({ cpu }) => cpu)} of the CPU; medians of ${ROUNDS} rounds side by side`,
  );
}

try {
  await compare(`durable commits, ${CLIENTS} clients side by side`, CLIENTS, 1, (target, lane) =>
    target.message(lane),
  );
  await compare(`events in commits of ${EVENTS}, ${IN_FLIGHT} in flight`, IN_FLIGHT, EVENTS, (target, lane) =>
    target.events(lane * 61),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
