import { crypto } from '@sealwire/crypto';
import { encodeHello } from '@sealwire/framing';
import { memoryServerStore } from '@sealwire/store';
import type { LinkClose } from '@sealwire/transport';
import { describe, expect, it } from 'vitest';
import { passingOn } from './held-store.js';
import { keyPair } from './keys.js';
import { hello, raw, utf8 } from './raw.js';
import { virtualWorld, type World, world } from './world.js';

async function answerTo(bytes: (server: World) => Promise<Uint8Array> | Uint8Array): Promise<LinkClose> {
  const server = await world();
  const { link, closed, frames } = await raw(server);
  link.send([await bytes(server)]);
  const close = await closed;
  expect(frames).toEqual([]);
  return close;
}

const sealed = (plaintext: Uint8Array) => (server: World) => server.serverKey.publicKey.encrypt(plaintext);
const refused = { code: 1008, reason: '' };

describe('handshake', () => {
  it.each([
    ['shorter than the modulus', () => new Uint8Array(255)],
    ['longer than the modulus', () => new Uint8Array(257)],
    ['empty', () => new Uint8Array(0)],
    ['random bytes below the modulus', () => crypto.randomBytes(256).fill(0, 0, 1)],
    ['an integer above the modulus', () => new Uint8Array(256).fill(255)],
    ['cut short', sealed(encodeHello(hello()).subarray(0, -4))],
    ['longer than the document', sealed(encodeHello(hello({ version: 3 })))],
    ['without a client id', sealed(encodeHello(hello({ clientId: new Uint8Array(0) })))],
    ['of an id of 65 characters', sealed(encodeHello(hello({ clientId: utf8.encode('a'.repeat(65)) })))],
    ['of an id with a NUL', sealed(encodeHello(hello({ clientId: utf8.encode('alice\0') })))],
    ['with an AES key of 16 bytes', sealed(encodeHello(hello({ clientAesKey: new Uint8Array(16) })))],
    ['with LAST SEEN ORDER -2', sealed(encodeHello(hello({ lastSeenOrder: -2n })))],
  ])('refuses a hello that is %s with 1008 and no reason', async (_, bytes) => {
    expect(await answerTo(bytes)).toMatchObject(refused);
  });

  it('refuses a text message with 1008 and no reason', async () => {
    const server = await world();
    const { closed } = await raw(server);
    for (const pair of server.transport.pairs) pair.faults.up.text();
    expect(await closed).toMatchObject(refused);
  });

  it('refuses a second frame before the welcome', async () => {
    const server = await world();
    const { link, closed } = await raw(server);
    const bytes = await server.serverKey.publicKey.encrypt(encodeHello(hello()));
    link.send([bytes, bytes]);
    expect(await closed).toMatchObject(refused);
  });

  it.each([255, 256, 257])(
    'refuses a proof of %i random bytes and sends no heartbeat before',
    async (size) => {
      const server = await world();
      const { link, closed, frames, next } = await raw(server);
      link.send([await server.serverKey.publicKey.encrypt(encodeHello(hello()))]);
      expect((await next()).length).toBe(256);
      link.send([crypto.randomBytes(size)]);
      expect(await closed).toMatchObject(refused);
      expect(frames).toEqual([]);
    },
  );

  it('refuses a proof by the key of another client', async () => {
    const server = await world();
    const { link, closed, next } = await raw(server);
    const { privateKey } = await keyPair('alice');
    const bob = await keyPair('bob');
    link.send([await server.serverKey.publicKey.encrypt(encodeHello(hello()))]);
    const welcome = await privateKey.decrypt(await next());
    link.send([await bob.privateKey.sign(welcome.subarray(4, 76))]);
    expect(await closed).toMatchObject(refused);
    const { error, clientId } = await server.event('handshake-refused');
    expect(clientId).toBe('alice');
    expect(error?.message).toContain('proof');
  });

  it.each(['hello', 'proof'] as const)('closes a link that lets the time for the %s pass', async (step) => {
    const server = await world({ deadlines: { [step]: 50 } });
    const { link, closed, next } = await raw(server);
    if (step === 'proof') {
      link.send([await server.serverKey.publicKey.encrypt(encodeHello(hello()))]);
      await next();
    }
    expect(await closed).toMatchObject(refused);
  });

  it('tells the operator about a link that left by itself', async () => {
    const server = await world();
    const { link } = await raw(server);
    link.close(1000, 'bye\u0007');
    expect(await server.event('handshake-refused')).toMatchObject({ code: 1000, error: undefined });
  });

  it('takes hellos for each of its keys', async () => {
    const [old, fresh] = await Promise.all([keyPair('server'), keyPair('next-server')]);
    const { connect } = await world({ serverKey: [old.privateKey, fresh.privateKey] });
    expect((await connect({ serverKey: old.publicKey })).live).toBe(true);
    expect((await connect({ serverKey: fresh.publicKey, clientId: 'bob' })).live).toBe(true);
  });

  it('turns links away with 1013 beyond maxHandshakes and lets them in when one has left', async () => {
    const server = await world({ limits: { maxHandshakes: 1 } });
    const first = await raw(server);
    expect(await (await raw(server)).closed).toMatchObject({ code: 1013 });
    expect(await server.event('overloaded')).toMatchObject({ limit: 'maxHandshakes' });
    first.link.close(1000, '');
    await first.closed;
    const alice = await server.connect();
    expect(alice.live).toBe(true);
    // A live session is no handshake any more.
    expect((await server.connect({ clientId: 'bob' })).live).toBe(true);
  });

  it('turns links of one address away beyond maxHandshakesPerAddress', async () => {
    const server = await world({ limits: { maxHandshakesPerAddress: 1 } });
    await raw(server);
    expect(await (await raw(server)).closed).toMatchObject({ code: 1013 });
    expect(await server.event('overloaded')).toMatchObject({ limit: 'maxHandshakesPerAddress' });
  });

  it('turns hellos away with 1013 when too many wait for RSA', async () => {
    const server = await world({ limits: { maxRsaOperations: 1, maxRsaQueue: 1 } });
    const links = await Promise.all([raw(server), raw(server), raw(server)]);
    const bytes = crypto.randomBytes(256).fill(0, 0, 1);
    for (const { link } of links) link.send([bytes]);
    const codes = await Promise.all(links.map(async ({ closed }) => (await closed).code));
    expect(codes).toEqual([1008, 1008, 1013]);
  });

  it('turns clients away with 1013 beyond maxSessions, but not one that has a session', async () => {
    const server = await world({ limits: { maxSessions: 1 } });
    await server.connect();
    const bob = await server.dial({ clientId: 'bob' });
    expect(await bob.untilClosed()).toMatchObject({ code: 1013 });
    expect((await server.connect()).live).toBe(true);
    expect(server.server.sessions).toEqual({ count: 1, clientIds: ['alice'] });
  });

  it('looks clients up with a function, and refuses where it fails', async () => {
    const alice = await keyPair('alice');
    const { connect, dial, event } = await world({
      clients: async (clientId) => {
        if (clientId === 'bob') throw new Error('no database');
        return { publicKey: alice.publicKey.toPem() };
      },
    });
    expect((await connect()).live).toBe(true);
    expect(await (await dial({ clientId: 'bob' })).untilClosed()).toMatchObject({ code: 1002 });
    expect((await event('directory-problem')).error).toMatchObject({ code: 'E_DIRECTORY' });
  });

  it('names a directory that gives null instead of nothing', async () => {
    const { dial, event } = await world({ clients: (() => null) as never });
    expect(await (await dial()).untilClosed()).toMatchObject({ code: 1002 });
    expect(await event('directory-problem')).toMatchObject({
      source: 'alice',
      error: { code: 'E_CLIENT_ENTRY', message: expect.stringContaining('undefined where there is none') },
    });
  });

  it('names an entry that cannot be used', async () => {
    const { dial, event } = await world({ clients: new Map([['alice', { publicKey: 'no key' }]]) });
    expect(await (await dial()).untilClosed()).toMatchObject({ code: 1002 });
    expect(await event('directory-problem')).toMatchObject({
      source: 'alice',
      error: { code: 'E_CLIENT_ENTRY' },
    });
  });

  it('sends a heartbeat as soon as the proof holds, and goes on', async () => {
    const { connect } = await world({ deadlines: { heartbeat: 20 } });
    const alice = await connect();
    await alice.until(() => alice.heartbeats >= 3);
  });

  it('gives up a client that does not answer pings', async () => {
    const { connect, event } = await world({ deadlines: { ping: 20, pong: 20 } });
    const alice = await connect();
    alice.link.pausing?.pause();
    const closed = await event('session-closed');
    expect(closed).toMatchObject({ clientId: 'alice', code: 1001, error: { code: 'E_SILENT' } });
  });

  it('takes bytes that are no frame for a sign of life, and gives up in time after them [N9]', async () => {
    const { clock, connect, events } = await virtualWorld();
    const alice = await connect();
    const ended = () => events.find(({ type }) => type === 'session-closed');
    alice.link.pausing?.pause();
    for (let seconds = 0; seconds < 30; seconds += 1) {
      alice.link.pinging?.ping();
      clock.advance(1_000);
    }
    expect(ended()).toBeUndefined();
    clock.advance(7_700);
    expect(ended()).toBeUndefined();
    clock.advance(300);
    expect(ended()).toMatchObject({ code: 1001, error: { code: 'E_SILENT' } });
  });

  it('gives the hello no more time for bytes that are no frame [N9]', async () => {
    const { clock, transport, events } = await virtualWorld();
    const link = await transport.dial({ signal: new AbortController().signal });
    for (let time = 0; time < 3_000; time += 100) {
      expect(events.map(({ type }) => type)).toEqual(['listening']);
      link.pinging?.ping();
      clock.advance(100);
    }
    expect(events.at(-1)).toMatchObject({
      type: 'handshake-refused',
      code: 1008,
      error: { code: 'E_DEADLINE' },
    });
  });
});

describe('a store that does not answer', () => {
  it.each(['read', 'claim'] as const)(
    'at %s holds a handshake no longer than a proof may take [D5]',
    async (what) => {
      let answer = () => {};
      const asked = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const ask = () => {
        answer();
        return new Promise(() => {});
      };
      const { clock, dial, event, events } = await virtualWorld({
        store: { ...passingOn(memoryServerStore()), [what]: ask },
        // Between two looks at the time of the handshake, which would end with it.
        deadlines: { proof: 4_950 },
      });
      const link = dial().catch(() => undefined);
      await asked;
      clock.advance(4_949);
      expect(events.map(({ type }) => type)).toEqual(['listening']);
      clock.advance(1);
      expect(await event('store-failed')).toMatchObject({ clientId: 'alice', error: { code: 'E_STORE' } });
      expect(await event('handshake-refused')).toMatchObject({ code: 1013, error: { code: 'E_STORE' } });
      await link;
    },
  );
});
