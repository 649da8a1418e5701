import { crypto } from '@sealwire/crypto';
import {
  decodeWelcome,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  encodeWelcome,
  type Welcome,
} from '@sealwire/framing';
import { describe, expect, it } from 'vitest';
import { accepted, type Binding, bindChallenge, boundBytes, isMarked } from '../src/bound-challenge.js';
import { syntheticOpener, syntheticSealer } from '../src/frame-cipher.js';
import { type HardeningMode, ReplayMemory } from '../src/index.js';
import { text, utf8 } from './support/bytes.js';
import type { ClientSide, ClientSideOptions } from './support/client-side.js';
import { clientKey, serverKey } from './support/keys.js';
import {
  aesKey,
  connected,
  greeted,
  hello,
  pump,
  readyClient,
  serverAesKey,
  signedFrame,
} from './support/peers.js';
import { ServerSide, type ServerSideOptions } from './support/server-side.js';

const modes: readonly HardeningMode[] = ['prefer', 'require', 'off'];

/** A client that was sent a welcome whose challenge is bound, but for what the test changes. */
async function bound(
  options: ClientSideOptions = {},
  change: (binding: Binding) => Partial<Binding> = () => ({}),
  touch: (dataToSign: Uint8Array) => void = () => {},
  fields: Partial<Welcome> = {},
  checkpoint = false,
) {
  const { client, hello: sent } = await greeted(options);
  const binding: Binding = {
    context: new Uint8Array(0),
    clientId: utf8('test'),
    lastSeenOrder: -1n,
    lastSeenSequence: -1n,
    serverSpki: serverKey.publicKey.spki,
    clientSpki: clientKey.publicKey.spki,
    clientAesKey: sent.clientAesKey,
    serverAesKey,
  };
  const challenge = bindChallenge(crypto, { ...binding, ...change(binding) }, checkpoint);
  const dataToSign = Uint8Array.from(challenge.dataToSign);
  touch(dataToSign);
  const welcome = { dataToSign, lastSeenSequence: -1n, serverAesKey, ...fields };
  await client.receive(await clientKey.publicKey.encrypt(encodeWelcome(welcome)));
  return {
    client,
    dataToSign,
    sealer: syntheticSealer(crypto, crypto.createSealer(serverAesKey), challenge.macKeys.server),
    opener: syntheticOpener(crypto, crypto.createOpener(sent.clientAesKey), challenge.macKeys.client),
  };
}

/** A server that has sent its welcome to a client made by hand. */
async function welcomed(options: ServerSideOptions = {}) {
  const server = new ServerSide(options);
  await server.receive(await hello());
  const [frame] = server.take();
  const welcome = decodeWelcome(await clientKey.decrypt(frame ?? new Uint8Array(0)));
  return { server, welcome };
}

const heartbeat = Uint8Array.of(0);
const answerOf = (id: bigint, json: string) => encodeServerRpc('documented', id, utf8(json));
const messageOf = (order: bigint) => encodeServerMessage('documented', order, 0, utf8('{}'));

/** What both sides make of each other in two modes. */
async function meet(client: HardeningMode, server: HardeningMode) {
  const sides = await connected({ hardening: client }, { hardening: server });
  if (sides.server.session.state === 'refused') sides.server.pass(100);
  return [
    sides.client.terms?.hardening ?? sides.client.error,
    sides.server.hardening ?? sides.server.ended,
  ] as const;
}

describe('the table of modes', () => {
  const unhardened = expect.objectContaining({ code: 'E_UNHARDENED' });
  it.each([
    ['prefer', 'prefer', 'hardened', 'hardened'],
    ['prefer', 'require', 'hardened', 'hardened'],
    ['require', 'prefer', 'hardened', 'hardened'],
    ['require', 'require', 'hardened', 'hardened'],
    ['prefer', 'off', 'not-offered', 'off'],
    ['off', 'off', 'off', 'off'],
    ['off', 'prefer', 'off', 'declined'],
    ['off', 'require', 'off', [1008, '']],
    ['require', 'off', unhardened, undefined],
  ] as const)('a client that says %s and a server that says %s', async (client, server, mine, theirs) => {
    expect(await meet(client, server)).toEqual([mine, theirs]);
  });

  it('refuses a plain proof of a client whose entry requires hardening, as any bad proof', async () => {
    const { server } = await connected({ hardening: 'off' }, { requireHardening: true });
    expect(server.named('end')).toEqual([]);
    server.pass(100);
    expect(server.ended).toEqual([1008, '']);
    expect(server.error).toMatchObject({ code: 'E_UNHARDENED' });
    expect(server.named('claim')).toEqual([]);
  });

  it.each(modes)('carries messages both ways if both say %s', async (hardening) => {
    const sides = await connected({ hardening }, { hardening, checkpoint: true });
    const { client, server } = sides;
    client.session.sendMessage(0n, utf8('"up"'));
    client.session.sendRequest(1n << 62n, utf8('"ask"'));
    server.session.sendMessage(1n, 0, utf8('"down"'));
    server.session.flush();
    await pump(client, server);
    server.session.sendAnswer(1n << 62n, utf8('"answer"'));
    server.session.fail(4000, '4000 over', new Error('over'));
    await pump(client, server);
    expect(server.named('message')).toEqual([['message', 0n, '"up"']]);
    expect(server.named('request')).toEqual([['request', 1n << 62n, '"ask"']]);
    expect(client.named('message')).toEqual([['message', 1n, 0, '"down"']]);
    expect(client.named('answer')).toEqual([['answer', 1n << 62n, '"answer"']]);
    expect(client.named('error')).toEqual([['error', '4000 over']]);
  });

  it.each([
    ['text', 'text', 'hardened'],
    ['one', 'another', 'refused'],
    ['', 'another', 'refused'],
  ])('with the contexts "%s" and "%s" the session is %s', async (mine, theirs, expected) => {
    const { client } = await connected({ context: utf8(mine) }, { context: utf8(theirs) });
    if (expected === 'refused') expect(client.error).toMatchObject({ code: 'E_TAG' });
    else expect(client.terms?.hardening).toBe(expected);
  });

  it('makes a session of the document with a client whose key is too small for a bound challenge', async () => {
    const identity = { modulusBytes: 161 };
    const server = new ServerSide({ manual: ['identify'] });
    await server.receive(await hello());
    server.session.identified({ ...server.identity, ...identity });
    const welcome = decodeWelcome(server.jobs[0]?.bytes ?? new Uint8Array(0));
    expect(isMarked(welcome.dataToSign)).toBe(false);
    expect(welcome.dataToSign).toHaveLength(32);
  });
});

describe('a client, before it signs', () => {
  it.each([
    ['context', () => ({ context: utf8('x') })],
    ['client id', () => ({ clientId: utf8('tess') })],
    ['LAST SEEN ORDER', () => ({ lastSeenOrder: 0n })],
    ['LAST SEEN SEQUENCE', () => ({ lastSeenSequence: 0n })],
    ['client AES key', () => ({ clientAesKey: aesKey })],
    ['server AES key', () => ({ serverAesKey: aesKey })],
    ['server key', ({ clientSpki }: Binding) => ({ serverSpki: clientSpki })],
    ['client key', ({ serverSpki }: Binding) => ({ clientSpki: serverSpki })],
  ] as const)('refuses a challenge bound to another %s [S33]', async (_, change) => {
    for (const hardening of ['prefer', 'require'] as const) {
      const { client } = await bound({ hardening }, change);
      expect(client.error).toMatchObject({ code: 'E_TAG' });
      expect(client.kinds).toEqual(['encrypt', 'decrypt']);
      expect(client.named('welcome')).toEqual([]);
    }
  });

  it.each([0, 7, 16, 19, 20, 39, 40, 71])(
    'refuses a challenge with a bit of byte %i flipped [S33]',
    async (at) => {
      const { client } = await bound({}, undefined, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
      });
      expect(client.error).toMatchObject({ code: 'E_TAG' });
      expect(client.kinds).not.toContain('sign');
    },
  );

  it.each([
    ['LAST SEEN SEQUENCE rolled back', { lastSeenSequence: 5n }],
    ['another server AES key', { serverAesKey: crypto.sha256(utf8('a third')) }],
  ] as const)('refuses a welcome with %s around a genuine challenge', async (_, fields) => {
    const { client } = await bound({}, undefined, undefined, fields);
    expect(client.error).toMatchObject({ code: 'E_TAG' });
    expect(client.named('welcome')).toEqual([]);
  });

  it('refuses a bound challenge that offers nothing', async () => {
    const { client, hello: sent } = await greeted();
    const binding = {
      context: new Uint8Array(0),
      clientId: utf8('test'),
      lastSeenOrder: -1n,
      lastSeenSequence: -1n,
      serverSpki: serverKey.publicKey.spki,
      clientSpki: clientKey.publicKey.spki,
      clientAesKey: sent.clientAesKey,
      serverAesKey,
    };
    // Its maker clears bit 0 of the offer before the tag is computed.
    const dataToSign = bindChallenge(
      { ...crypto, sha512: (bytes) => crypto.sha512(withoutOffer(bytes)) },
      binding,
      false,
    ).dataToSign;
    dataToSign[19] = 0;
    await client.receive(
      await clientKey.publicKey.encrypt(encodeWelcome({ dataToSign, lastSeenSequence: -1n, serverAesKey })),
    );
    expect(client.error).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(client.error?.message).toContain('offers nothing');
  });

  it('refuses its own RSA key as that of the server', async () => {
    const serverSpki = clientKey.publicKey.spki;
    const { client } = await bound({ serverSpki }, () => ({ serverSpki }));
    expect(client.error?.message).toContain('same RSA key');
  });

  it('refuses its own AES key back, bound or not [S31]', async () => {
    const { client, hello: sent } = await greeted();
    const dataToSign = crypto.randomBytes(boundBytes).fill(0x7f, 0, 40);
    const welcome = { dataToSign, lastSeenSequence: -1n, serverAesKey: sent.clientAesKey };
    await client.receive(await clientKey.publicKey.encrypt(encodeWelcome(welcome)));
    expect(client.error?.message).toContain('own AES key');
  });

  it('with "require" refuses a plain challenge, and signs nothing [S33]', async () => {
    const { client } = await readyClient({ hardening: 'require' });
    expect(client.error).toMatchObject({ code: 'E_UNHARDENED' });
    expect(client.kinds).not.toContain('sign');
  });

  it.each(['challenge', 'AES key'])(
    'refuses a %s of a session of the document that came before [S30]',
    async (what) => {
      const replays = new ReplayMemory(crypto);
      const first = await readyClient({ replays });
      expect(first.client.session.state).toBe('ready');
      const dataToSign = crypto.randomBytes(32).fill(0x7f, 8, 17);
      const fresh = await readyClient({ replays }, { dataToSign, serverAesKey: crypto.randomBytes(32) });
      expect(fresh.client.session.state).toBe('ready');
      const again =
        what === 'challenge'
          ? await readyClient({ replays }, { dataToSign, serverAesKey: crypto.randomBytes(32) })
          : await readyClient({ replays }, { serverAesKey });
      expect(again.client.error?.message).toMatch(/came before/);
      expect(again.client.kinds).not.toContain('sign');
    },
  );

  it('signs the challenge with its acceptance, or with "off" the challenge alone', async () => {
    for (const hardening of modes) {
      const { client, dataToSign } = await bound({ hardening });
      const signed = hardening === 'off' ? dataToSign : accepted(dataToSign);
      const proof = client.take()[0] ?? new Uint8Array(0);
      expect(await clientKey.publicKey.verify(signed, proof)).toBe(true);
    }
  });
});

/** The transcript with the offer in its head set to 0: the head follows context, id and LAST SEEN ORDER. */
function withoutOffer(transcript: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(transcript);
  changed.fill(0, 4 + 8 + 8 + 4 + 16, 4 + 8 + 8 + 4 + 20);
  return changed;
}

describe('a server, at the proof', () => {
  it.each([
    ['another acceptance', (challenge: Uint8Array) => Uint8Array.of(...challenge, 0, 0, 0, 2)],
    ['acceptance twice', (challenge: Uint8Array) => accepted(accepted(challenge))],
    ['the head alone', (challenge: Uint8Array) => challenge.subarray(0, 40)],
  ])('refuses a signature over %s [S14]', async (_, signed) => {
    const { server, welcome } = await welcomed();
    await server.receive(await clientKey.sign(signed(welcome.dataToSign)));
    server.pass(100);
    expect(server.ended).toEqual([1008, '']);
    expect(server.named('claim')).toEqual([]);
  });

  it('refuses the proof of another connection of the same client [S15]', async () => {
    const one = await welcomed();
    const other = await welcomed();
    await other.server.receive(await clientKey.sign(accepted(one.welcome.dataToSign)));
    other.server.pass(100);
    expect(other.server.ended).toEqual([1008, '']);
  });

  it('asks for both verifications, whatever the first one says', async () => {
    const { server, welcome } = await welcomed();
    server.session.receive([await clientKey.sign(accepted(welcome.dataToSign))]);
    expect(server.jobs.map(({ kind, bytes }) => [kind, bytes.length])).toEqual([
      ['verify', 76],
      ['verify', 72],
    ]);
    server.session.complete(true);
    expect(server.named('claim')).toEqual([]);
    server.session.complete(false);
    expect(server.named('claim')).toHaveLength(1);
  });

  it('refuses an AES key of an earlier session, in a session of the document only [S11, S12]', async () => {
    const replays = new ReplayMemory(crypto);
    const plain = async () => {
      const { server, welcome } = await welcomed({ replays });
      await server.receive(await clientKey.sign(welcome.dataToSign));
      server.pass(100);
      return server.ended;
    };
    expect(await plain()).toBeUndefined();
    expect(await plain()).toEqual([1008, '']);
    const { server, welcome } = await welcomed({ replays });
    await server.receive(await clientKey.sign(accepted(welcome.dataToSign)));
    expect(server.hardening).toBe('hardened');
  });

  it('remembers no AES key of a client that has not proved itself', async () => {
    const replays = new ReplayMemory(crypto);
    const eavesdropper = await welcomed({ replays });
    await eavesdropper.server.receive(crypto.randomBytes(256));
    const { server, welcome } = await welcomed({ replays });
    await server.receive(await clientKey.sign(welcome.dataToSign));
    expect(server.hardening).toBe('declined');
  });
});

describe('frames of a hardened session', () => {
  const ended = (client: ClientSide) => [client.ended, client.error];
  const failure = [1002, expect.objectContaining({ code: 'E_FRAME' })];

  it.each([
    ['repeated', [0, 0]],
    ['left out', [1]],
    ['swapped', [1, 0]],
  ] as const)('end the client if one is %s [S53]', async (_, order) => {
    const { client, sealer } = await bound();
    const frames = sealer.sealBatch([messageOf(1n), messageOf(2n)]);
    await client.receive(...order.map((index) => frames[index] ?? heartbeat));
    expect(ended(client)).toEqual(failure);
  });

  it.each([0, 8, 15, 16, 40])(
    'end the client if byte %i is changed, ORDER in the IV included [S56]',
    async (at) => {
      const { client, sealer } = await bound();
      const [frame = heartbeat] = sealer.sealBatch([messageOf(1n)]);
      const altered = Uint8Array.from(frame);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await client.receive(altered);
      expect(ended(client)).toEqual(failure);
      expect(client.named('message')).toEqual([]);
    },
  );

  it('may leap in ORDER, since nobody but the server can have written it', async () => {
    const { client, sealer } = await bound({ lastSeenOrder: 5n }, () => ({ lastSeenOrder: 5n }));
    await client.receive(...sealer.sealBatch([messageOf(1n << 61n)]));
    expect(client.named('message')).toHaveLength(1);
  });

  it('are not counted with the heartbeats between them', async () => {
    const { client, sealer } = await bound();
    const [one = heartbeat, two = heartbeat] = sealer.sealBatch([messageOf(1n), messageOf(2n)]);
    await client.receive(heartbeat, one, heartbeat, heartbeat, two);
    expect(client.named('message')).toHaveLength(2);
  });

  it('end the server if one is repeated, with the one reason for all [S53]', async () => {
    const sides = await connected();
    const { client, server } = sides;
    client.session.sendRequest(1n << 62n, utf8('"ask"'));
    await client.work();
    const [frame = heartbeat] = client.take();
    await server.receive(frame);
    server.session.sendAnswer(1n << 62n, utf8('"answer"'));
    await server.receive(frame);
    expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
    expect(server.named('request')).toHaveLength(1);
  });

  it('end the server if they are its own [S62]', async () => {
    const { server } = await connected();
    server.session.sendMessage(1n, 0, utf8('{}'));
    server.session.flush();
    const [frame = heartbeat] = server.take();
    await server.receive(frame);
    expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
  });

  it('may hold the same request again and again, with a memory of none', async () => {
    const { client, server } = await connected();
    for (let run = 0; run < 3; run += 1) {
      client.session.sendRequest(1n << 62n, utf8('"ask"'));
      await pump(client, server);
      server.session.sendAnswer(1n << 62n, utf8('"answer"'));
      server.session.flush();
      await pump(client, server);
    }
    expect(client.named('answer')).toHaveLength(3);
  });
});

describe('the life of a hardened session', () => {
  const offered = (options: ClientSideOptions = {}) => bound(options, undefined, undefined, {}, true);

  it('shows in the first sealed frame, which the server sends at once, not in a heartbeat', async () => {
    const { client, sealer } = await offered();
    await client.receive(heartbeat);
    expect(client.session.state).toBe('ready');
    await client.receive(...sealer.sealBatch([answerOf(-1n, '{"@type":"sealwire.Checkpoint"}')]));
    expect(client.session.state).toBe('live');
    expect(client.named('answer')).toEqual([]);

    const { client: other, server } = await connected({}, { checkpoint: true });
    expect(other.session.state).toBe('live');
    expect(server.calls.at(-2)?.slice(0, 1)).toEqual(['transmit']);
  });

  it('shows in a heartbeat where the server cannot be asked', async () => {
    const { client } = await bound();
    await client.receive(heartbeat);
    expect(client.session.state).toBe('live');
    client.pass(4_000);
    await client.receive(heartbeat);
    client.pass(4_000);
    await client.receive(heartbeat);
    client.pass(4_000);
    expect(client.named('unsealed')).toEqual([]);
  });

  it('is not prolonged by heartbeats before the first sealed frame', async () => {
    const { client } = await offered();
    client.pass(2_400);
    await client.receive(heartbeat);
    client.pass(2_400);
    expect(client.error).toMatchObject({ code: 'E_SILENT' });
  });

  it('is asked for after 10 s of heartbeats, and over 5 s later', async () => {
    const { client, sealer } = await offered();
    await client.receive(...sealer.sealBatch([answerOf(-1n, '{}')]));
    const beat = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        client.pass(1_000);
        await client.receive(heartbeat);
      }
    };
    await beat(9);
    expect(client.named('unsealed')).toHaveLength(0);
    await beat(1);
    expect(client.named('unsealed')).toHaveLength(1);
    await beat(4);
    expect(client.ended).toBeUndefined();
    await client.receive(...sealer.sealBatch([messageOf(1n)]));
    await beat(10);
    expect(client.named('unsealed')).toHaveLength(2);
    await beat(5);
    expect(client.named('unsealed')).toHaveLength(2);
    expect(client.error).toMatchObject({ code: 'E_SILENT' });
  });

  it('is asked for, and over, although parts of a frame come without end [N9]', async () => {
    const { client, sealer } = await offered();
    await client.receive(...sealer.sealBatch([answerOf(-1n, '{}')]));
    const trickle = (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        client.session.heardBytes(client.clock.now());
        client.pass(1_000);
      }
    };
    trickle(10);
    expect(client.named('unsealed')).toHaveLength(1);
    trickle(4);
    expect(client.ended).toBeUndefined();
    trickle(1);
    expect(client.error).toMatchObject({ code: 'E_SILENT' });
  });

  it('hears an ERROR, sealed, from a server that sends it away behind the proof', async () => {
    const { client, server } = await connected({}, { manual: ['claim'] });
    server.session.fail(4000, '4000 the client id connected again', new Error('replaced'));
    await pump(client, server);
    expect(client.named('error')).toEqual([['error', '4000 the client id connected again']]);
  });

  it('is nothing to an answer with REQUEST_ID -1 in a session of the document', async () => {
    const { client, sealer } = await readyClient();
    await client.receive(sealer.seal(answerOf(-1n, '{}')));
    expect(client.named('answer')).toEqual([['answer', -1n, '{}']]);
  });
});

describe('a client without TLS, in a session of the document', () => {
  it('refuses a sealed frame that comes twice, under whatever IV [S54]', async () => {
    for (const flip of [false, true]) {
      const { client, sealer } = await readyClient({ refuseRepeatedFrames: true });
      const frame = sealer.seal(encodeServerError('documented', 'over'));
      const again = Uint8Array.from(frame);
      if (flip) again[15] = (again[15] ?? 0) ^ 1;
      await client.receive(frame, again);
      expect(client.named('error')).toHaveLength(1);
      expect(client.error?.message).toContain('came twice');
    }
  });

  it('lets a peer repeat itself that keeps one IV', async () => {
    const { client, sealer } = await readyClient({ refuseRepeatedFrames: true });
    const iv = crypto.randomBytes(16);
    const plaintexts = [messageOf(1n), messageOf(2n), messageOf(2n)];
    await client.receive(...plaintexts.map((plaintext) => sealer.sealWithIv(plaintext, iv)));
    expect(client.ended).toBeUndefined();
    expect(client.session.duplicates).toBe(1);
  });
});

describe('a server that wants high REQUEST_IDs', () => {
  it('refuses what could be the SEQUENCE of a message [S59]', async () => {
    const { server, welcome } = await welcomed({ requireHighRequestIds: true, hardening: 'off' });
    await server.receive(await clientKey.sign(welcome.dataToSign));
    server.take();
    const sealer = crypto.createSealer(aesKey);
    await server.receive(sealer.seal(await signedFrame(2, 1n << 62n, '"high"')));
    await server.receive(sealer.seal(await signedFrame(2, 7n, '"low"')));
    expect(server.named('request')).toHaveLength(1);
    expect(server.ended).toEqual([1002, '']);
    const [error = heartbeat] = server.take();
    const opener = crypto.createOpener(welcome.serverAesKey);
    expect(text(opener.open(error))).toContain('below 2^62');
  });
});

describe('a replay memory', () => {
  it('forgets the oldest beyond its capacity', () => {
    const memory = new ReplayMemory(crypto, 2);
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map((secret) => memory.remember(utf8(secret)))).toEqual([
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
  });
});
