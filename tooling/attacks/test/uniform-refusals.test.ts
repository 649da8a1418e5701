import { constants, createPublicKey, sign as nodeSign, publicEncrypt } from 'node:crypto';
import { inspect } from 'node:util';
import { crypto } from '@sealwire/crypto';
import { encodeHello } from '@sealwire/framing';
import { type Server, type ServerEvent, serve } from '@sealwire/server';
import { listenWebSocket } from '@sealwire/transport-ws';
import keys from '@sealwire/vectors/keys.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { helloOf, logIn, meet, messagePlaintext } from '../src/handshake.js';
import { opcodes, RawClient } from '../src/raw-client.js';
import { aliceKey, publicKeys, serverKey } from './toolkit/keys.js';

const otherKey = (await crypto.generateKeyPair()).privateKey;
const events: ServerEvent[] = [];
/** What must be in nothing that can be printed. */
const secrets: Uint8Array[] = [];
let server: Server;
let port: number;

beforeAll(async () => {
  server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    clients: new Map([
      ['alice', { publicKey: publicKeys.alice }],
      ['strict', { publicKey: otherKey.publicKey, hardening: 'require' }],
      ['broken', { publicKey: 'no key' }],
    ]),
    deadlines: { refusal: 20, heartbeat: 60_000, ping: 60_000 },
    failedHandshakes: false,
    onMessage() {},
    onRequest: () => null,
    onEvent: (event) => void events.push(event),
  });
  port = Number(new URL(server.urls[0] ?? '').port);
});
afterAll(() => server.close());

/** Every byte that the server sends from now on, up to its close; payloads of binary frames are left out, their lengths are not. */
async function answer(client: RawClient): Promise<string> {
  const from = client.frames.length;
  const at = client.bytes.length;
  await client.closed();
  const { bytes, frames } = client;
  client.destroy();
  const binary = frames.slice(from).filter(({ opcode }) => opcode === opcodes.binary);
  const texts = binary.map(({ payload }) => `binary ${payload.length}, `);
  const left = bytes.length - at - binary.reduce((sum, { payload }) => sum + frameLength(payload.length), 0);
  return `${texts.join('')}${bytes.subarray(bytes.length - left).toString('hex')}`;
}

const frameLength = (payload: number): number => payload + (payload < 126 ? 2 : 4);

/** One answer to all, and this one. */
async function expectOne(
  answers: ReadonlyMap<string, () => Promise<string>>,
  expected: string,
): Promise<void> {
  const got = new Map<string, string>();
  for (const [kind, ask] of answers) got.set(kind, await ask());
  expect(Object.fromEntries(got)).toEqual(
    Object.fromEntries([...answers.keys()].map((kind) => [kind, expected])),
  );
}

const closeWith = (code: number, reason = ''): string => {
  const payload = Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason)]);
  return Buffer.concat([Buffer.of(0x88, payload.length), payload]).toString('hex');
};

describe('before the welcome', () => {
  const plain = encodeHello(helloOf('alice'));
  const sealed = (plaintext: Uint8Array) => publicKeys.server.encrypt(plaintext);
  const hello = (fields: Parameters<typeof helloOf>[1]) => sealed(encodeHello(helloOf('alice', fields)));
  const named = (id: string) => sealed(encodeHello(helloOf(id)));
  const otherwise = (options: { oaepHash?: string; oaepLabel?: Buffer }) =>
    publicEncrypt(
      {
        key: createPublicKey(keys.keys.server2048.publicSpki),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha1',
        ...options,
      },
      plain,
    );
  const padded = encodeHello(helloOf('ali'));
  padded[7] = 1;

  const hellos: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
    'no bytes [S1]': () => new Uint8Array(0),
    'k-1 bytes [S1]': () => new Uint8Array(255),
    'k+1 bytes [S1]': () => new Uint8Array(257),
    '2k bytes [S1]': () => new Uint8Array(512),
    'random bytes [S2]': () => crypto.randomBytes(256).fill(0, 0, 1),
    'no number below the modulus [S3]': () => new Uint8Array(256).fill(255),
    'its plaintext cut [S4]': () => sealed(plain.subarray(0, -4)),
    'its plaintext empty [S4]': () => sealed(new Uint8Array(0)),
    'bytes behind it [S5]': () => sealed(Uint8Array.of(...plain, 0, 0, 0, 1)),
    'padding that is not zero [S6]': () => sealed(padded),
    'a short AES key [S7]': () => hello({ clientAesKey: crypto.randomBytes(16) }),
    'a constant AES key [S8]': () => hello({ clientAesKey: new Uint8Array(32) }),
    'no id [S9]': () => named(''),
    'a long id [S9]': () => named('a'.repeat(65)),
    'an id with a NUL [S9]': () => named('alice\0'),
    'LAST SEEN ORDER below -1 [S13]': () => hello({ lastSeenOrder: -2n }),
    'an OAEP label [S45]': () => otherwise({ oaepLabel: Buffer.from('label') }),
    'another OAEP hash [S45]': () => otherwise({ oaepHash: 'sha256' }),
  };

  test('whatever is wrong with a hello, the answer is the same to the byte [S81, H2, M10]', async () => {
    const answers = Object.entries(hellos).map(([kind, make]) => {
      return [
        kind,
        async () => {
          const client = await RawClient.connect(port);
          client.send(await make());
          return answer(client);
        },
      ] as const;
    });
    const text = async () => {
      const client = await RawClient.connect(port);
      client.send(Buffer.from('hello'), opcodes.text);
      return answer(client);
    };
    await expectOne(new Map([...answers, ['text [S20]', text]]), closeWith(1008));
  });
});

/** Ids that nobody has, and whose decoy is of 2048 bits, as Alice's key is. */
async function decoys(count: number): Promise<string[]> {
  const found: string[] = [];
  for (let n = 0; found.length < count; n++) {
    const client = await RawClient.connect(port);
    client.send(await publicKeys.server.encrypt(encodeHello(helloOf(`nobody${n}`))));
    if ((await client.next())?.payload.length === 256) found.push(`nobody${n}`);
    client.destroy();
  }
  return found;
}

describe('at the proof', () => {
  /** From the hello on, so that the welcome is in the answer. */
  async function proved(id: string, proof: Uint8Array): Promise<string> {
    const client = await RawClient.connect(port);
    client.send(await publicKeys.server.encrypt(encodeHello(helloOf(id))));
    await client.next();
    client.send(proof);
    const all = answer(client);
    return `binary ${client.frames[0]?.payload.length}, ${await all}`;
  }

  async function alice(make: (challenge: Uint8Array) => Promise<Uint8Array> | Uint8Array, opcode?: number) {
    const { client, hello, welcome } = await meet(port, publicKeys.server, aliceKey);
    secrets.push(hello.clientAesKey, welcome.serverAesKey, welcome.dataToSign);
    client.send(await make(welcome.dataToSign), opcode);
    return `binary 256, ${await answer(client)}`;
  }

  const anyhow = (hash: string, padding: number, saltLength?: number) => (challenge: Uint8Array) =>
    nodeSign(hash, challenge, {
      key: keys.keys.client2048.privatePkcs8,
      padding,
      ...(saltLength === undefined ? {} : { saltLength }),
    });

  test('whatever is wrong with a proof, or with its client, the answer is the same to the byte [S81, H4, H8, M10]', async () => {
    const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;
    const [nobody = '', somebody = ''] = await decoys(2);
    const other = await meet(port, publicKeys.server, aliceKey);
    const used = await logIn(port, publicKeys.server, aliceKey);
    const strict = async () => {
      const { client, welcome } = await meet(port, publicKeys.server, otherKey, helloOf('strict'));
      client.send(await otherKey.sign(welcome.dataToSign));
      return `binary 256, ${await answer(client)}`;
    };
    const replayed = async () => {
      const { client, welcome } = await meet(port, publicKeys.server, aliceKey, used.hello);
      client.send(await aliceKey.sign(welcome.dataToSign));
      return `binary 256, ${await answer(client)}`;
    };
    await expectOne(
      new Map<string, () => Promise<string>>([
        ['an unknown id, random bytes [S10]', () => proved(nobody, crypto.randomBytes(256))],
        ['an unknown id, a short proof [S10]', () => proved(somebody, crypto.randomBytes(255))],
        ['an unknown id, no proof but a text [S10]', () => proved(nobody, Buffer.from('text'))],
        ['random bytes [S14]', () => alice(() => crypto.randomBytes(256))],
        ['k-1 bytes [S14]', () => alice(async (c) => (await aliceKey.sign(c)).subarray(0, 255))],
        ['a zero before it [S14]', () => alice(async (c) => Uint8Array.of(0, ...(await aliceKey.sign(c))))],
        ['no bytes [S14]', () => alice(() => new Uint8Array(0))],
        ['the proof of another connection [S15]', () => alice(() => aliceKey.sign(other.welcome.dataToSign))],
        ['a salt of 20 bytes [S16]', () => alice(anyhow('sha512', RSA_PKCS1_PSS_PADDING, 20))],
        ['SHA-256 [S16]', () => alice(anyhow('sha256', RSA_PKCS1_PSS_PADDING, 190))],
        ['PKCS#1 v1.5 [S16]', () => alice(anyhow('sha512', RSA_PKCS1_PADDING))],
        ["another client's key [S17]", () => alice((c) => otherKey.sign(c))],
        ["the server's key [S17]", () => alice((c) => serverKey.sign(c))],
        ['a sealed frame in its place [S18]', () => alice(() => crypto.randomBytes(320))],
        ['a text [S20]', () => alice(() => Buffer.from('text'), opcodes.text)],
        ['an AES key that was used [S11, S12]', replayed],
        ['a plain proof of a client with "require" [S33]', strict],
      ]),
      `binary 256, ${closeWith(1008)}`,
    );
    other.client.destroy();
  });
});

describe('on a live session', () => {
  const uniform = closeWith(1002, 'the frame cannot be accepted');
  const flip = (frame: Uint8Array, bit: number): Uint8Array =>
    frame.with(bit >> 3, (frame[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7)));
  const retyped = (plaintext: Uint8Array, type: number): Uint8Array => {
    const changed = plaintext.slice();
    new DataView(changed.buffer).setInt32(260, type);
    return changed;
  };
  const relength = (plaintext: Uint8Array, length: number): Uint8Array => {
    const changed = plaintext.slice();
    new DataView(changed.buffer).setUint32(0, length);
    return changed;
  };

  type Make = (seal: (plaintext: Uint8Array) => Uint8Array, message: Uint8Array) => Uint8Array;
  const frames: Record<string, Make> = {
    'one byte [S49]': () => new Uint8Array(1),
    '31 bytes [S49]': () => crypto.randomBytes(31),
    '33 bytes [S49]': () => crypto.randomBytes(33),
    'an IV alone [S49]': () => crypto.randomBytes(16),
    'random blocks [S55]': () => crypto.randomBytes(320),
    'a bit of the IV [S55]': (seal, message) => flip(seal(message), 3),
    'a bit of the signature [S55]': (seal, message) => flip(seal(message), 8 * 100),
    'a bit of the type [S55]': (seal, message) => flip(seal(message), 8 * (16 + 260)),
    'bad padding [S48]': (seal, message) => flip(seal(message), 8 * 288 - 1),
    'the last block cut off [S55]': (seal, message) => seal(message).subarray(0, -16),
    'type 0 [S58]': (seal, message) => seal(retyped(message, 0)),
    'type -1 [S58]': (seal, message) => seal(retyped(message, -1)),
    'a signature of k-1 bytes [S60]': (seal, message) => seal(relength(message, 255)),
    'a signature of 2^32-1 bytes [S60]': (seal, message) => seal(relength(message, 2 ** 32 - 1)),
    'plaintext that ends early [S4]': (seal, message) => seal(message.subarray(0, 40)),
    'nothing sealed [S4]': (seal) => seal(new Uint8Array(0)),
    'bytes behind it [S5]': (seal, message) => seal(Uint8Array.of(...message, 0, 0, 0, 0)),
    'a bad signature [S81]': (seal, message) => seal(message.with(100, (message[100] ?? 0) ^ 1)),
    'a second proof [S18]': () => crypto.randomBytes(256),
  };

  test.each([false, true])(
    'whatever is wrong with a frame, the answer is the same to the byte (hardened: %s) [S81, F6, M10]',
    async (accepted) => {
      const message = await messagePlaintext(aliceKey);
      await expectOne(
        new Map(
          Object.entries(frames).map(([kind, make]) => [
            kind,
            async () => {
              const { client, hello, welcome, sealer } = await logIn(
                port,
                publicKeys.server,
                aliceKey,
                accepted,
              );
              secrets.push(hello.clientAesKey, welcome.serverAesKey, welcome.dataToSign);
              if (accepted) await client.next();
              client.send(make((plaintext) => sealer.seal(plaintext), message));
              return answer(client);
            },
          ]),
        ),
        uniform,
      );
    },
  );
});

describe('what can be printed', () => {
  test('holds no key and no challenge [S83]', () => {
    const options = { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null } as const;
    const printed = [server, ...events].map((object) => inspect(object, options)).join('\n');
    expect(events.length).toBeGreaterThan(50);
    expect(secrets.length).toBeGreaterThan(50);
    const texts = secrets.flatMap((secret) => {
      const bytes = Buffer.from(secret);
      return [
        ...(['hex', 'base64', 'base64url', 'latin1'] as const).map((encoding) =>
          bytes.toString(encoding).slice(4, 24),
        ),
        [...bytes.subarray(2, 10)].join(', '),
        bytes
          .subarray(2, 10)
          .toString('hex')
          .replace(/..(?!$)/g, '$& '),
      ];
    });
    expect(texts.filter((text) => printed.includes(text))).toEqual([]);
    // The search finds what is there.
    expect(printed).toContain('alice');
  });
});
