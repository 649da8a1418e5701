import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, connect } from '@sealwire/client';
import { type Server, serve } from '@sealwire/server';
import { type LmdbServerStore, openLmdbStore } from '@sealwire/store-lmdb';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aliceAndBob, aliceKey, bobKey, serverKey } from './keys.js';

let directory = '';
let store: LmdbServerStore;
let server: Server;
let holder: ChildProcess | undefined;
const clients: Client[] = [];
let began = () => {};
let handled = Promise.resolve();

/** From here on no flush ends, until `release`. */
async function holdFlushes(): Promise<void> {
  const program = fileURLToPath(new URL('./hold-writes.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, join(directory, 'store', 'data.mdb')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holder = child;
  await once(child.stdout, 'data');
}

async function release(): Promise<void> {
  const child = holder;
  holder = undefined;
  if (child === undefined) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

async function dial(clientId: 'alice' | 'bob'): Promise<Client> {
  const client = await connect({
    dial: dialWebSocket(server.urls[0] ?? ''),
    clientId,
    clientKey: clientId === 'alice' ? aliceKey : bobKey,
    serverKey: serverKey.publicKey,
    checkpoint: true,
    // Beyond one handshake: a busy machine may need another.
    connectTimeout: 30_000,
    reconnect: { first: 20, max: 200 },
  });
  clients.push(client);
  return client;
}

async function first(client: Client): Promise<unknown> {
  for await (const { payload } of client.messages()) return payload;
  return undefined;
}

beforeEach(async () => {
  handled = new Promise((resolve) => {
    began = resolve;
  });
  directory = await mkdtemp(join(tmpdir(), 'sealwire-slow-'));
  store = await openLmdbStore(directory);
  server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    clients: aliceAndBob,
    store,
    onMessage: ({ payload }, tx) => {
      tx.publish({ done: payload });
      began();
    },
    onRequest: ({ payload }) => payload,
  });
});

afterEach(async () => {
  await release();
  for (const client of clients.splice(0)) await client.close({ timeout: 0 });
  await server.close();
  await store.close();
  await rm(directory, { recursive: true });
});

describe('while no flush ends, a server on LMDB', () => {
  it('lets clients in and gives them their backlog, and confirms nothing [D5, P2]', async () => {
    await server.publish(['alice'], 'backlog');
    await holdFlushes();
    const publish = server.publish(['bob'], 'not yet').then(() => 'flushed');
    const alice = await dial('alice');
    expect(await first(alice)).toBe('backlog');

    let settled = false;
    const { outcome } = await alice.send('work');
    void outcome.then(() => {
      settled = true;
    });
    await handled;
    const bob = await dial('bob');
    expect((await store.read('alice')).lastSequence).toBe(-1n);
    const event = first(bob);
    let published = false;
    void publish.then(() => {
      published = true;
    });
    bob.reconnect();
    expect(await bob.call('are you there?', { idempotent: true })).toBe('are you there?');
    expect(published).toBe(false);
    expect(settled).toBe(false);

    await release();
    expect(await publish).toBe('flushed');
    expect(await event).toBe('not yet');
    expect((await outcome).kind).toBe('accepted');
    expect((await store.read('alice')).lastSequence).toBe(0n);
  });

  it('lets a client whose own message is not flushed in again when it is, with the right outcome [D5, N6]', async () => {
    const alice = await dial('alice');
    await holdFlushes();
    const begun = handled;
    const { outcome } = await alice.send('work');
    await begun;
    alice.reconnect();
    await release();
    expect((await outcome).kind).toBe('accepted');
    expect(await first(alice)).toEqual({ done: 'work' });
    expect(await store.read('alice')).toMatchObject({ lastSequence: 0n, head: 1n });
  });
});
