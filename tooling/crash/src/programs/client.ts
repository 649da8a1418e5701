import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect, type Message } from '@sealwire/client';
import { crypto } from '@sealwire/crypto';
import { memoryClientState } from '@sealwire/store';
import { openFileState } from '@sealwire/store-file';
import { dialWebSocket } from '@sealwire/transport-ws';
import { Journal, journalPath } from '../journal.js';
import type { ClientRecord, EventPayload, MessagePayload } from '../records.js';
import type { ClientConfig } from './client-config.js';
import { Fate } from './fate.js';
import { recall } from './memory.js';
import { steeredState } from './steered-state.js';

const config = JSON.parse(process.argv[2] ?? '{}') as ClientConfig;
const { boot, id, name = id, folder, others, sendEvery = 20, outbox = 256, handlerPause = 2 } = config;
const fate = new Fate(config.dieAt);
process.once('disconnect', () => process.exit(1));
const codeOf = (error: unknown) => String((error as { code?: unknown }).code ?? error);

const kept = recall(folder, name, boot);
const journal = new Journal<ClientRecord>(journalPath(folder, name, boot));
journal.write({ kind: 'boot', boot, nextN: kept.nextN, done: String(kept.done) });

let sending = sendEvery > 0;
let unsettled = 0;
let handedOver = -1n;

async function receive({ order, possiblyHandled, payload }: Message<EventPayload>): Promise<void> {
  journal.write({ kind: 'got', order: String(order), marked: possiblyHandled, payload });
  fate.step('got');
  if (handlerPause > 0 && order % 7n === 0n) await sleep(handlerPause);
  if (order <= kept.done) journal.write({ kind: 'skipped', order: String(order) });
  else {
    journal.write({ kind: 'done', order: String(order) });
    kept.done = order;
  }
  fate.step('done');
}

async function sendOne(client: Client<EventPayload, MessagePayload>): Promise<void> {
  const n = kept.nextN;
  kept.nextN += 1;
  const to = others.filter((_, index) => (n + index) % 4 === 0);
  journal.write({ kind: 'send', n });
  unsettled += 1;
  try {
    const { sequence, outcome } = await client.send({ n, to, pad: 'x'.repeat((n * 37) % 600) });
    if (sequence > handedOver) handedOver = sequence;
    journal.write({ kind: 'sent', n, sequence: String(sequence) });
    const { kind } = await outcome;
    journal.write({ kind: 'outcome', n, sequence: String(sequence), outcome: kind });
  } catch (error) {
    journal.write({ kind: 'unsent', n, code: codeOf(error) });
  } finally {
    unsettled -= 1;
  }
}

async function sendAll(client: Client<EventPayload, MessagePayload>): Promise<void> {
  while (sending) {
    if (unsettled < outbox) void sendOne(client);
    else fate.step('full');
    await sleep(sendEvery);
  }
}

async function callAll(client: Client): Promise<void> {
  for (let call = 0; sending; call += 1) {
    const key = `${boot}.${call}`;
    journal.write({ kind: 'call', key, after: String(handedOver) });
    try {
      const idempotent = call % 2 === 0;
      const { last } = await client.call<{ last: string }>({ mark: key }, { idempotent, timeout: 30_000 });
      journal.write({ kind: 'answered', key, last });
    } catch (error) {
      journal.write({ kind: 'unanswered', key, code: codeOf(error) });
    }
    await sleep(5 * sendEvery + 20);
  }
}

const raw = config.memory === true ? memoryClientState() : await openFileState(config.state);
const state = steeredState(raw, fate);
const connecting = connect<EventPayload, MessagePayload>({
  dial: dialWebSocket(`ws://127.0.0.1:${config.port}`),
  clientId: id,
  clientKey: await crypto.importPrivateKey(readFileSync(join(folder, `${id}.key`), 'utf8')),
  serverKey: await crypto.importPublicKey(readFileSync(join(folder, 'server.pub'), 'utf8')),
  state,
  checkpoint: true,
  outbox: { maxMessages: outbox },
  reconnect: { max: 250 },
  connectTimeout: 120_000,
  ...(config.deadlines === undefined ? {} : { deadlines: config.deadlines }),
  onMessage: receive,
  onState: (current) => {
    if (current.kind === 'live') {
      journal.write({ kind: 'live', lastSeen: String(current.lastSeenSequence) });
      console.log(`live ${current.lastSeenSequence}`);
    }
    if (current.kind === 'waiting') console.log(`waiting ${current.cause.closeCode ?? current.cause.code}`);
    if (current.kind !== 'stopped') return;
    journal.write({ kind: 'stopped', code: current.error.code, message: current.error.message });
    console.log(`stopped ${current.error.code}`);
    if (current.error.code !== 'E_HISTORY_GONE') return;
    journal.write({ kind: 'gap' });
    void connecting.then((connected) => connected.resumeFrom('oldest'));
  },
});
const client = await connecting;
console.log('connected');
const loops = [sendAll(client), callAll(client)];

async function end(): Promise<void> {
  await client.close();
  await state.close();
  journal.close();
  process.exit(0);
}

const commands: Readonly<Record<string, (argument: string) => void | Promise<void>>> = {
  quiet: async () => {
    sending = false;
    await Promise.all(loops);
    await client.flush({ timeout: 60_000 });
    console.log('flushed');
  },
  until: async (order) => {
    while (kept.done < BigInt(order)) await sleep(10);
    console.log('done');
    await end();
  },
  close: end,
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const [name = '', argument = ''] = line.split(' ');
  void commands[name]?.(argument);
});
