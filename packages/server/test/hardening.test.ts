import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crypto } from '@sealwire/crypto';
import { encodeHello } from '@sealwire/framing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Decoys } from '../src/decoys.js';
import { directoryFolder, serve } from '../src/index.js';
import { keyPair } from './keys.js';
import { world } from './world.js';

const modes = ['prefer', 'require', 'off'] as const;

describe('a server with hardening', () => {
  it.each([
    ['prefer', 'prefer', 'hardened'],
    ['prefer', 'off', 'declined'],
    ['require', 'prefer', 'hardened'],
    ['require', 'off', undefined],
    ['off', 'prefer', 'off'],
    ['off', 'off', 'off'],
  ] as const)('%s and a client that says %s', async (mine, theirs, expected) => {
    const { dial, event, events } = await world({ hardening: mine });
    const alice = await dial({ hardening: theirs });
    if (expected === undefined) {
      expect(await alice.untilClosed()).toMatchObject({ code: 1008, reason: '' });
      expect((await event('handshake-refused')).error).toMatchObject({ code: 'E_UNHARDENED' });
    } else {
      expect(await event('session-opened')).toMatchObject({ clientId: 'alice', hardening: expected });
    }
    expect(events.filter(({ type }) => type === 'downgraded')).toEqual([]);
  });

  it('hardens a client whose entry says so, or refuses it', async () => {
    const { publicKey } = await keyPair('alice');
    const clients = new Map([['alice', { publicKey, hardening: 'require' as const }]]);
    const { connect, dial } = await world({ clients });
    expect((await connect()).hardening).toBe('hardened');
    expect(await (await dial({ hardening: 'off' })).untilClosed()).toMatchObject({ code: 1008 });
    const off = await world({ clients, hardening: 'off' });
    expect(await (await off.dial()).untilClosed()).toMatchObject({ code: 1002 });
    expect(await off.event('directory-problem')).toMatchObject({ error: { code: 'E_CLIENT_ENTRY' } });
  });

  it('imports the keys of a Map before it listens, and none at a hello [S10, M10]', async () => {
    const imported: unknown[] = [];
    const pem = (await keyPair('alice')).publicKey.toPem();
    const { connect, events } = await world({
      clients: new Map([
        ['alice', { publicKey: pem }],
        ['carol', { publicKey: 'no key' }],
      ]),
      crypto: {
        ...crypto,
        importPublicKey(source) {
          imported.push(source);
          return crypto.importPublicKey(source);
        },
      },
    });
    expect(imported).toEqual([pem, 'no key']);
    expect(events.map(({ type }) => type)).toEqual(['directory-problem', 'listening']);
    await connect();
    expect(imported).toHaveLength(2);
  });

  it('reads from a folder which clients have to be hardened', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sealwire-clients-'));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    await writeFile(join(path, 'alice.pub'), (await keyPair('alice')).publicKey.toPem());
    await writeFile(join(path, 'carol.require'), '');
    const { connect, dial, event } = await world({ clients: directoryFolder(path) });
    expect(await event('directory-problem')).toMatchObject({ source: 'carol.require' });
    expect((await connect({ hardening: 'off' })).hardening).toBe('off');
    await writeFile(join(path, 'alice.require'), '');
    expect(await (await dial({ hardening: 'off' })).untilClosed()).toMatchObject({ code: 1008 });
    expect((await connect()).hardening).toBe('hardened');
    await rm(join(path, 'alice.require'));
    expect((await connect({ hardening: 'off' })).hardening).toBe('off');
  });

  it('tells of a client that was hardened and is not any more', async () => {
    const { connect, event, events } = await world();
    await connect({ hardening: 'off' });
    await connect();
    expect(events.filter(({ type }) => type === 'downgraded')).toEqual([]);
    await connect({ hardening: 'off' });
    expect(await event('downgraded')).toMatchObject({ clientId: 'alice' });
  });

  it('binds the key that opened the hello, during a rotation too', async () => {
    const [old, fresh] = await Promise.all([keyPair('server'), keyPair('next-server')]);
    const { connect } = await world({ serverKey: [old.privateKey, fresh.privateKey] });
    expect((await connect({ serverKey: old.publicKey })).hardening).toBe('hardened');
    const bob = await connect({ serverKey: fresh.publicKey, clientId: 'bob' });
    expect(bob.hardening).toBe('hardened');
  });

  it('takes a context as text or bytes, and only a client with the same', async () => {
    for (const context of ['prod', new TextEncoder().encode('prod')]) {
      const { connect, dial } = await world({ context });
      expect((await connect({ context: 'prod' })).hardening).toBe('hardened');
      const stranger = await dial({ context: 'test' });
      await stranger.untilClosed();
      expect(stranger.ended).toMatchObject({ code: 'E_TAG' });
    }
  });

  it('checks the options', async () => {
    const { privateKey } = await keyPair('server');
    const options = {
      listen: async () => ({ url: '', async close() {} }),
      serverKey: privateKey,
      clients: new Map(),
    };
    for (const wrong of [
      { hardening: 'always' as never },
      { context: 'x'.repeat(1_025) },
      { allowKeySharing: 'yes' as never },
      { requireHighRequestIds: 1 as never },
      { decoySecret: new Uint8Array(31) },
    ]) {
      await expect(serve({ ...options, ...wrong })).rejects.toMatchObject({ code: 'E_OPTION' });
    }
  });

  it('answers Checkpoint while a handler is slow, with what is flushed', async () => {
    let release = (): void => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { connect } = await world({ onMessage: () => slow });
    const alice = await connect();
    alice.send('takes long');
    const answer = await alice.request({ '@type': 'sealwire.Checkpoint', confirmed: '-1' });
    expect(answer).toMatchObject({ last_seen_sequence: '-1' });
    release();
  });
});

describe('one key under two ids', () => {
  const twins = async () => {
    const { publicKey } = await keyPair('alice');
    return new Map([
      ['alice', { publicKey: publicKey.toPem() }],
      ['alias', { publicKey: publicKey.toPem() }],
    ]);
  };

  it('is refused for the second one', async () => {
    const { connect, dial, event } = await world({ clients: await twins() });
    expect((await connect()).live).toBe(true);
    await (await dial({ clientId: 'alias' })).untilClosed();
    expect(await event('directory-problem')).toMatchObject({
      source: 'alias',
      error: { code: 'E_CLIENT_ENTRY', message: expect.stringContaining('"alice"') },
    });
    expect((await connect()).live).toBe(true);
  });

  it('is reported before anybody connects, where the directory can be listed', async () => {
    const { events } = await world({ clients: await twins() });
    expect(events.map(({ type }) => type)).toEqual(['directory-problem', 'listening']);
    expect(events[0]).toMatchObject({ source: 'alias', error: { code: 'E_CLIENT_ENTRY' } });
  });

  it.each(['first', 'second'])('belongs to the one that proves to have it, listed %s', async (place) => {
    const entries = [...(await twins())];
    const clients = new Map(place === 'first' ? entries : entries.reverse());
    const { connect, dial } = await world({ clients });
    // Somebody who had the public key of alice entered, and cannot read the welcome.
    await (await dial({ clientId: 'alias', key: await keyPair('bob') })).untilClosed();
    expect((await connect()).live).toBe(true);
  });

  it('is taken where it is allowed, and each session is still bound to its own id', async () => {
    const { connect } = await world({ clients: await twins(), allowKeySharing: true });
    expect((await connect()).hardening).toBe('hardened');
    expect((await connect({ clientId: 'alias' })).hardening).toBe('hardened');
  });

  it('may move from one id to another', async () => {
    const { publicKey } = await keyPair('alice');
    const clients = new Map([['alice', { publicKey }]]);
    const { connect } = await world({ clients });
    await connect();
    clients.delete('alice');
    clients.set('alias', { publicKey });
    expect((await connect({ clientId: 'alias' })).live).toBe(true);
  });

  it('is refused if it is the server’s own', async () => {
    const { publicKey } = await keyPair('server');
    const { dial, event } = await world({ clients: new Map([['alice', { publicKey }]]) });
    await (await dial()).untilClosed();
    expect(await event('directory-problem')).toMatchObject({ error: { code: 'E_CLIENT_ENTRY' } });
  });
});

describe('decoys', () => {
  const secret = new Uint8Array(32).fill(1);
  const decoys = new Decoys(crypto, secret);

  it('are the same key for one id each time, and another for another id or secret', () => {
    const modulus = (of: Decoys, id: string) => Buffer.from(of.keyOf(id).spki).toString('hex');
    expect(modulus(decoys, 'mallory')).toBe(modulus(new Decoys(crypto, secret), 'mallory'));
    expect(modulus(decoys, 'mallory')).not.toBe(modulus(decoys, 'mallorz'));
    const other = new Decoys(crypto, new Uint8Array(32).fill(2));
    expect(modulus(decoys, 'mallory')).not.toBe(modulus(other, 'mallory'));
  });

  it('have the sizes of keys, and moduli as long as they say', () => {
    const keys = Array.from({ length: 60 }, (_, index) => decoys.keyOf(`id-${index}`));
    expect(new Set(keys.map(({ modulusBytes }) => modulusBytes))).toEqual(new Set([256, 384, 512]));
    for (const { modulusBytes, spki } of keys) {
      expect(spki).toHaveLength(modulusBytes);
      // The product of two numbers of at least three quarters of their length.
      expect(spki[0]).toBeGreaterThanOrEqual(0x90);
      expect((spki.at(-1) ?? 0) & 1).toBe(1);
    }
  });

  it('begin otherwise for each id, over all that such products begin with', () => {
    const begins = Array.from({ length: 2_000 }, (_, index) => {
      const [first = 0, second = 0] = decoys.keyOf(`id-${index}`).spki;
      return first * 256 + second;
    });
    // Of 0x9000 to 0xfffe, most of them rare.
    expect(new Set(begins).size).toBeGreaterThan(1_700);
    expect(Math.min(...begins)).toBeLessThan(0x9800);
    expect(Math.max(...begins)).toBeGreaterThan(0xf000);
    const mean = begins.reduce((sum, value) => sum + value, 0) / begins.length;
    // 7/8 of each factor's range, squared.
    expect(Math.abs(mean / 65_536 - 49 / 64)).toBeLessThan(0.01);
  });

  it('encrypt to random numbers below their modulus, and prove nothing', async () => {
    const key = decoys.keyOf('mallory');
    const welcome = new Uint8Array(120);
    const ciphertexts = await Promise.all(Array.from({ length: 50 }, () => key.encrypt(welcome)));
    expect(new Set(ciphertexts.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(50);
    for (const bytes of ciphertexts) {
      expect(bytes).toHaveLength(key.modulusBytes);
      expect(Buffer.compare(bytes, key.spki)).toBe(-1);
    }
    expect(await key.verify(welcome, ciphertexts[0] ?? welcome)).toBe(false);
  });

  it.each(['mallory', '__proto__', 'constructor', '../alice'])(
    'answer a hello of %j like one of a known client, down to a bad proof [S9, S10]',
    async (clientId) => {
      for (const hardening of modes) {
        const { transport, serverKey, event } = await world({ hardening, decoySecret: secret });
        const link = await transport.dial({ signal: new AbortController().signal });
        const hello = encodeHello({
          clientId: new TextEncoder().encode(clientId),
          lastSeenOrder: -1n,
          clientAesKey: crypto.randomBytes(32),
        });
        const closed = await new Promise((close) => {
          link.start({
            frames: ([welcome = new Uint8Array(0)]) => {
              expect(welcome).toHaveLength(decoys.keyOf(clientId).modulusBytes);
              link.send([crypto.randomBytes(welcome.length)]);
            },
            text() {},
            drain() {},
            pong() {},
            close,
          });
          void serverKey.publicKey.encrypt(hello).then((bytes) => link.send([bytes]));
        });
        expect(closed).toMatchObject({ code: 1008, reason: '' });
        expect((await event('handshake-refused')).error).toMatchObject({ code: 'E_UNKNOWN_CLIENT' });
      }
    },
  );
});
