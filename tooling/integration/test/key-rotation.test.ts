import { type Client, type ConnectOptions, connect } from '@sealwire/client';
import { crypto, type PrivateKey } from '@sealwire/crypto';
import { type ServeOptions, type Server, type ServerEvent, serve } from '@sealwire/server';
import { memoryClientState } from '@sealwire/store';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { aliceAndBob, aliceKey, bobKey, serverKey as oldKey } from './keys.js';

const newKey = (await crypto.generateKeyPair()).privateKey;
/** Of another size: a hello is tried with the keys of its own size only. */
const largeKey = (await crypto.generateKeyPair({ modulusBits: 3072 })).privateKey;

let server: Server | undefined;
let events: ServerEvent[] = [];
const clients: Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close({ timeout: 0 });
  await server?.close();
  server = undefined;
});

/** The server in the place of the one before, on another port. */
async function restart(serverKey: readonly PrivateKey[], options: Partial<ServeOptions> = {}): Promise<void> {
  await server?.close();
  events = [];
  server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    clients: aliceAndBob,
    onMessage: () => {},
    onRequest: ({ payload }) => payload,
    onEvent: (event) => events.push(event),
    ...options,
  });
}

async function dial(keys: readonly PrivateKey[], options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({
    dial: (context) => dialWebSocket(server?.urls[0] ?? '')(context),
    clientId: 'alice',
    clientKey: aliceKey,
    serverKey: keys.map(({ publicKey }) => publicKey),
    allowKeySharing: true,
    reconnect: { first: 20, max: 20, slow: 20 },
    ...options,
  });
  clients.push(client);
  return client;
}

/** A busy machine may take its time. */
const patient = { timeout: 15_000 };
const hardened = { kind: 'live', hardening: 'hardened' };
const codes = (client: Client): unknown[] => {
  const seen: unknown[] = [];
  client.onState((state) => {
    if (state.kind === 'waiting') seen.push(state.cause.code);
  });
  return seen;
};

describe('while the server changes its key', () => {
  it.each([
    ['of one size', newKey],
    ['of two sizes', largeKey],
  ])('both keys, %s, are accepted, each by clients that know only one of them', async (_, next) => {
    await restart([next, oldKey]);
    const early = await dial([next]);
    const late = await dial([oldKey], { clientId: 'bob', clientKey: bobKey });
    expect([early.state, late.state]).toMatchObject([hardened, hardened]);
    expect(await Promise.all([early.call(1), late.call(2)])).toEqual([1, 2]);
  });

  it('a client that knows both goes from the old one to the new one, and stays pinned', async () => {
    const state = memoryClientState();
    await restart([oldKey]);
    const client = await dial([oldKey, newKey], { state, hardening: 'prefer' });
    const pin = (await state.load()).pin;
    expect(pin).toBeDefined();
    for (const keys of [[newKey, oldKey], [newKey]]) {
      await restart(keys);
      await expect.poll(() => client.state, patient).toMatchObject(hardened);
      expect(await client.call('still there?')).toBe('still there?');
    }
    expect((await state.load()).pin).toEqual(pin);
  });

  it('the pin is of the service: a server with the new key that proves nothing is refused', async () => {
    const state = memoryClientState();
    await restart([oldKey]);
    await (await dial([oldKey], { state })).close();
    await restart([newKey], { hardening: 'off' });
    await expect(dial([newKey], { state: state.reopen() })).rejects.toMatchObject({
      code: 'E_UNHARDENED',
    });
  });

  it('a client that knows the old key only is refused when that is gone, and says so', async () => {
    await restart([oldKey]);
    const client = await dial([oldKey]);
    const seen = codes(client);
    await restart([newKey]);
    await expect.poll(() => seen, patient).toContain('E_LOST');
    await expect
      .poll(() => events.filter(({ type }) => type === 'handshake-refused').length, patient)
      .toBeGreaterThan(1);
  });
});

describe('while the server runs and the key of a client is replaced in its directory', () => {
  it('the live session goes on with the old key, and the next handshake takes the new one only', async () => {
    const directory = new Map([['alice', { publicKey: aliceKey.publicKey }]]);
    await restart([oldKey], { clients: directory });
    const before = await dial([oldKey]);
    directory.set('alice', { publicKey: bobKey.publicKey });

    // What is live was proved; who wants it to end connects with the new key, or closes the server.
    expect(await before.call('with the old key')).toBe('with the old key');

    const after = await dial([oldKey], { clientKey: bobKey });
    await expect
      .poll(() => before.state, patient)
      .toMatchObject({ kind: 'stopped', error: { code: 'E_TAKEN_OVER' } });
    expect(await after.call('with the new key')).toBe('with the new key');

    const again = connect({
      dial: dialWebSocket(server?.urls[0] ?? ''),
      clientId: 'alice',
      clientKey: aliceKey,
      serverKey: oldKey.publicKey,
      allowKeySharing: true,
      connectTimeout: 15_000,
    });
    // The welcome is encrypted to the new key: the old one cannot read it.
    await expect(again).rejects.toMatchObject({ code: 'E_HANDSHAKE' });
    expect(after.state).toMatchObject(hardened);
  });
});
