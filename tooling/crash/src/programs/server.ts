import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { crypto } from '@sealwire/crypto';
import { serve } from '@sealwire/server';
import type { ClientRecord } from '@sealwire/store';
import { openLmdbStore } from '@sealwire/store-lmdb';
import { listenWebSocket } from '@sealwire/transport-ws';
import { Journal, journalPath } from '../journal.js';
import type { Effect, EventPayload, MessagePayload, Position, ServerRecord } from '../records.js';
import { Fate } from './fate.js';
import type { ServerConfig } from './server-config.js';
import { steeredStore } from './steered-store.js';

const config = JSON.parse(process.argv[2] ?? '{}') as ServerConfig;
const { boot, folder, clientIds, newsEvery = 40 } = config;
const fate = new Fate(config.dieAt);
const journal = new Journal<ServerRecord>(journalPath(folder, 'server', boot));
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const codeOf = (error: unknown) => String((error as { code?: unknown }).code ?? error);
process.once('disconnect', () => process.exit(1));

const lmdb = await openLmdbStore(config.data, config.store);
let working = false;
const store = steeredStore(lmdb, fate, () => {
  if (!working) console.log('working');
  working = true;
});
const keys = new Map(
  await Promise.all(
    clientIds.map(async (id) => {
      const publicKey = await crypto.importPublicKey(readFileSync(join(folder, `${id}.pub`), 'utf8'));
      return [id, { publicKey }] as const;
    }),
  ),
);
journal.write({ kind: 'boot', boot, positions: await positions() });

let ticks = 0;
const server = await serve<MessagePayload, { mark: string }, EventPayload>({
  listen: listenWebSocket({ port: config.port ?? 0 }),
  serverKey: await crypto.importPrivateKey(readFileSync(join(folder, 'server.key'), 'utf8')),
  clients: (id) => {
    fate.step('hello');
    return keys.get(id);
  },
  store,
  ...(config.deadlines === undefined ? {} : { deadlines: config.deadlines }),
  ...(config.stallTimeout === undefined ? {} : { stallTimeout: config.stallTimeout }),
  onMessage: async ({ clientId, sequence, payload: { n, to } }, tx) => {
    ticks += 1;
    const effect: Effect = { sequence: String(sequence), n, to, boot, tick: ticks };
    // Some handlers take a while, so that a death finds them at work.
    if (n % 5 === 0) await sleep(n % 4);
    fate.step('handler');
    tx.put(`effect/${clientId}/${randomUUID()}`, json(effect));
    const event = { kind: 'effect', by: clientId, sequence: String(sequence), n } as const;
    tx.publish({ ...event, part: 0 });
    if (to.length > 0) tx.publishTo(to, { ...event, part: 1 });
  },
  onRequest: async ({ clientId, payload: { mark } }, tx) => {
    tx.put(`mark/${clientId}/${mark}`, json(boot));
    const { lastSequence } = await recordOf(clientId);
    fate.step('answer');
    return { last: String(lastSequence) };
  },
  onEvent: (event) => {
    if (event.type === 'rollback' || event.type === 'store-failed' || event.type === 'handler-failed') {
      journal.write({ kind: 'event', type: event.type, detail: codeOf(event.error) });
    }
  },
});

/** `read` does not wait for what is staged, `get` does. */
async function recordOf(id: string): Promise<ClientRecord> {
  await lmdb.get('ballast');
  return lmdb.read(id);
}

async function positions(): Promise<Record<string, Position>> {
  const all = await Promise.all(
    clientIds.map(async (id) => {
      const { lastSequence, head } = await recordOf(id);
      return [id, { lastSequence: String(lastSequence), head: String(head) }] as const;
    }),
  );
  return Object.fromEntries(all);
}

let news = 0;
async function publishNews(): Promise<void> {
  news += 1;
  const n = news;
  // Now one client, now all.
  const ids = n % 3 === 0 ? clientIds : [clientIds[n % clientIds.length] ?? ''];
  try {
    const orders = await server.publish(ids, { kind: 'news', boot, n });
    const told = ids.map((id, index) => [id, String(orders[index])] as const);
    journal.write({ kind: 'published', boot, n, orders: Object.fromEntries(told) });
  } catch (error) {
    journal.write({ kind: 'unpublished', boot, n, code: codeOf(error) });
  }
}
let timer = newsEvery > 0 ? setInterval(() => void publishNews(), newsEvery) : undefined;

const commands: Readonly<Record<string, (argument: string) => void | Promise<void>>> = {
  quiet: () => clearInterval(timer),
  heads: async () => console.log(`heads ${JSON.stringify(await positions())}`),
  backup: async (path) => {
    await lmdb.backup(path);
    console.log('backed up');
  },
  publish: async (count) => {
    for (let left = Number(count); left > 0; left -= 1) await publishNews();
    console.log('published');
  },
  ballast: async (size) => {
    await lmdb.commit({ puts: [{ key: 'ballast', value: new Uint8Array(Number(size)) }] }).flushed;
    console.log('laden');
  },
  unload: async () => {
    const gone = { key: 'ballast', value: null };
    // Behind a commit that finds no room this one fails with it.
    while (!(await lmdb.commit({ puts: [gone] }).flushed.then(Boolean, () => false)));
    console.log('unladen');
  },
  hoard: () => {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(100_000).fill(hoard.length + 0.5));
  },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const [name = '', argument = ''] = line.split(' ');
  void commands[name]?.(argument);
});

process.once('SIGTERM', async () => {
  console.log('draining');
  clearInterval(timer);
  timer = undefined;
  await server.drain();
  await lmdb.close();
  journal.close();
  process.exit(0);
});
journal.write({ kind: 'listening', boot });
console.log(`listening ${new URL(server.urls[0] ?? '').port}`);
