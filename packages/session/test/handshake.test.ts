import { crypto } from '@sealwire/crypto';
import { decodeHello, decodeWelcome } from '@sealwire/framing';
import handshakes from '@sealwire/vectors/handshakes.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { hex, utf8 } from './support/bytes.js';
import { ClientSide } from './support/client-side.js';
import { keyOf } from './support/keys.js';
import {
  connected,
  greeted,
  liveServer,
  pump,
  readyClient,
  signedFrame,
  welcomedClient,
} from './support/peers.js';
import { ServerSide } from './support/server-side.js';

describe.each(['documented', 'deployed'] as const)('both sessions, %s', (layout) => {
  it('shake hands and carry messages, requests and answers', async () => {
    const { client, server } = await connected({ layout, lastSeenOrder: 7n }, { layout, lastSequence: 4n });
    expect(server.calls).toEqual([
      ['identify', 'test', 7n],
      ['transmit', 256],
      ['claim'],
      ['live'],
      ['transmit', 1],
      ['layoutKnown', layout],
    ]);
    expect(client.calls).toEqual([
      ['transmit', 256],
      ['welcome', 4n],
      ['transmit', 256],
      ['ready'],
      ['live'],
    ]);
    client.session.sendMessage(5n, utf8('{"a":1}'));
    client.session.sendRequest(1n << 62n, utf8('{"b":2}'));
    client.session.sendMessage(6n, utf8('{"c":3}'));
    await pump(client, server);
    expect(server.calls.slice(6)).toEqual([
      ['message', 5n, '{"a":1}'],
      ['request', 1n << 62n, '{"b":2}'],
      ['message', 6n, '{"c":3}'],
    ]);
    server.session.sendMessage(8n, 1.5, utf8('{"d":4}'));
    server.session.sendAnswer(1n << 62n, utf8('{"e":5}'));
    server.session.flush();
    await pump(client, server);
    expect(client.calls.slice(-2)).toEqual([
      ['message', 8n, 1.5, '{"d":4}'],
      ['answer', 1n << 62n, '{"e":5}'],
    ]);
    expect([client.session.state, server.session.state, server.session.layout]).toEqual([
      'live',
      'live',
      layout,
    ]);
  });

  it('send what is queued in one batch', async () => {
    const { client, server } = await connected({ layout }, { layout });
    const size = layout === 'documented' ? 64 : 48;
    for (let order = 1n; order <= 3n; order += 1n) server.session.sendMessage(order, 1, utf8('{}'));
    server.session.flush();
    server.session.flush();
    expect(server.named('transmit').slice(2)).toEqual([['transmit', size, size, size]]);
    await pump(client, server);
    expect(client.named('message')).toHaveLength(3);
  });
});

describe("a server with layout 'auto'", () => {
  it('takes the layout of the directory at once', async () => {
    const { client, server } = await connected(
      { layout: 'deployed' },
      { layout: 'auto', knownLayout: 'deployed' },
    );
    expect(server.calls.slice(-3)).toEqual([['live'], ['transmit', 1], ['layoutKnown', 'deployed']]);
    server.session.sendMessage(1n, 1, utf8('{}'));
    server.session.flush();
    await pump(client, server);
    expect(client.named('message')).toHaveLength(1);
  });

  it.each(['documented', 'deployed'] as const)('learns %s from the first verified frame', async (layout) => {
    const { client, server } = await connected({ layout }, { layout: 'auto', pings: true });
    expect(server.calls.slice(-2)).toEqual([['live'], ['transmit', 1]]);
    expect(server.session.layout).toBeUndefined();
    expect(() => server.session.sendMessage(1n, 1, utf8('{}'))).toThrow(
      expect.objectContaining({ code: 'E_STATE' }),
    );
    client.session.sendMessage(0n, utf8('{}'));
    await pump(client, server);
    expect(server.calls.slice(-2)).toEqual([
      ['layoutKnown', layout],
      ['message', 0n, '{}'],
    ]);
    expect(server.session.layout).toBe(layout);
    server.pass(1_000);
    expect(server.named('layoutKnown')).toHaveLength(1);
  });

  it('sends only heartbeats for 1 s and then goes on as documented', async () => {
    const { server } = await connected({ layout: 'deployed' }, { layout: 'auto' });
    expect(server.session.nextTick).toBe(server.clock.now() + 1_000);
    server.pass(999);
    expect(server.named('layoutKnown')).toEqual([]);
    server.pass(1);
    expect(server.named('layoutKnown')).toEqual([['layoutKnown', 'documented']]);
  });

  it('refuses frames of two layouts in one session', async () => {
    const { server, sealer } = await liveServer({ layout: 'auto' });
    const first = await signedFrame(1, 0n, '{}', { layout: 'deployed' });
    const second = await signedFrame(1, 1n, '{}', { layout: 'documented' });
    await server.receive(...sealer.sealBatch([first, second]));
    expect(server.named('message')).toHaveLength(1);
    expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
  });

  it('takes a frame of the other layout for a broken one once the layout is known', async () => {
    const { server, sealer } = await liveServer({ layout: 'documented' });
    await server.receive(sealer.seal(await signedFrame(1, 0n, '{}', { layout: 'deployed' })));
    expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
  });

  it('takes a hello with a version, which a documented server refuses [S5]', async () => {
    const fields = { version: 5 };
    const { server } = await liveServer({ layout: 'auto' }, undefined, fields);
    expect(server.session.state).toBe('live');
    await expect(liveServer({ layout: 'documented' }, undefined, fields)).rejects.toThrow(
      'there is no welcome',
    );
  });
});

describe('handshake vectors', () => {
  it.each(handshakes.map((vector, index) => [index, vector] as const))(
    'vector %i is what the sessions say and take',
    async (_, vector) => {
      const key = await keyOf(vector.clientKey);
      const server = await keyOf(vector.serverKey);
      const hello = decodeHello(await server.decrypt(hex(vector.helloEncrypted)));
      expect(hello.clientId).toEqual(utf8(vector.clientIdUtf8));
      const welcome = decodeWelcome(await key.decrypt(hex(vector.welcomeEncrypted)));
      expect(await key.publicKey.verify(welcome.dataToSign, hex(vector.proof))).toBe(true);
      // A client with this key takes the very welcome, unless its LAST SEEN SEQUENCE lies beyond the limit.
      const { client } = await greeted({ clientKey: key });
      await client.receive(hex(vector.welcomeEncrypted));
      if (welcome.lastSeenSequence < 1n << 62n) {
        expect(client.named('welcome')).toEqual([['welcome', BigInt(vector.lastSeenSequence)]]);
        const proof = client.take().at(-1) ?? new Uint8Array();
        expect(await key.publicKey.verify(welcome.dataToSign, proof)).toBe(true);
      } else {
        expect(client.error).toMatchObject({ code: 'E_HANDSHAKE' });
      }
    },
  );

  it.each([0, 1, 2])('a server takes the hello of vector %i', async (index) => {
    const vector = handshakes[index];
    if (vector === undefined) return expect.unreachable();
    const key = await keyOf(vector.clientKey);
    const server = new ServerSide({ clientId: vector.clientIdUtf8, clientKey: key.publicKey });
    await server.receive(hex(vector.helloEncrypted));
    expect(server.named('identify')).toEqual([
      ['identify', vector.clientIdUtf8, BigInt(vector.lastSeenOrder)],
    ]);
    expect(server.session.state).toBe('proof');
    expect(server.named('transmit')).toEqual([['transmit', key.publicKey.modulusBytes]]);
  });

  it('a server refuses a client id that is not ASCII', async () => {
    const server = new ServerSide();
    await server.receive(hex(handshakes[4]?.helloEncrypted ?? ''));
    expect(server.session.state).toBe('refused');
  });
});

describe('secrets', () => {
  /** Hands out random bytes and keeps them, to look at them later. */
  function watched() {
    const given: Uint8Array[] = [];
    const randomBytes = (length: number): Uint8Array => {
      const bytes = crypto.randomBytes(length);
      given.push(bytes);
      return bytes;
    };
    return { given, crypto: { ...crypto, randomBytes } };
  }

  const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

  it('of a client are wiped when the handshake is done, with the plaintexts that held them [S84]', async () => {
    const { given, crypto: watching } = watched();
    const bytes: Uint8Array[] = [];
    const { client } = await readyClient({
      crypto: watching,
      on: (call, side) => {
        if (call === 'run') bytes.push(side.jobs.at(-1)?.bytes ?? new Uint8Array());
      },
    });
    expect(client.session.state).toBe('ready');
    expect(given.map(isWiped)).toEqual([true]);
    const [hello, , challenge] = bytes;
    expect([hello, challenge].map((secret) => secret !== undefined && isWiped(secret))).toEqual([true, true]);
  });

  it('of a server are wiped when the handshake is done, with the plaintexts that held them [S84]', async () => {
    const { given, crypto: watching } = watched();
    const bytes: Uint8Array[] = [];
    const { server } = await liveServer({
      crypto: watching,
      on: (call, side) => {
        const job = side.jobs.at(-1);
        if (call === 'run' && job?.kind !== 'decrypt') bytes.push(job?.bytes ?? new Uint8Array());
      },
    });
    expect(server.session.state).toBe('live');
    expect(given.map(isWiped)).toEqual([true, true]);
    // The welcome, and what either proof signs.
    expect(bytes.map(isWiped)).toEqual([true, true, true]);
  });

  it('are wiped at an early end too [S84]', async () => {
    const client = watched();
    const early = new ClientSide({ crypto: client.crypto });
    const hello = early.jobs[0]?.bytes ?? new Uint8Array(1).fill(1);
    early.session.destroy();
    expect([...client.given, hello].every(isWiped)).toBe(true);

    const server = watched();
    const late = new ServerSide({ crypto: server.crypto });
    const { client: other } = { client: new ClientSide() };
    await other.work();
    await late.receive(...other.take());
    late.session.destroy();
    expect(server.given.every(isWiped)).toBe(true);
  });

  it('are in no error [S83]', async () => {
    const client = await welcomedClient({ serverAesKey: new Uint8Array(31).fill(0x41) });
    expect(client.error).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(`${client.error} ${client.error?.cause} ${JSON.stringify(client.error)}`).not.toMatch(
      /AAAA|4141|65,65/,
    );
    expect(JSON.stringify([client.session])).toBe('[{}]');
  });
});
