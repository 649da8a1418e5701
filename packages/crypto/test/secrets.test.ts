import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { externalPrivateKey } from '../src/external-key.js';
import { createDecryptor as nodeDecryptor, createEncryptor as nodeEncryptor } from '../src/node/aes.js';
import { random } from '../src/node/random.js';
import { FrameOpener } from '../src/opener.js';
import { readPem } from '../src/pem.js';
import { FrameSealer } from '../src/sealer.js';
import { PRIVATE_KEY } from '../src/testkit/fixtures.js';
import { createDecryptor as webDecryptor, createEncryptor as webEncryptor } from '../src/web/aes.js';
import { backends, toHex } from './backends.js';

const aesKey = Uint8Array.from({ length: 32 }, (_, i) => (i * 73 + 11) & 0xff);
const der = readPem(PRIVATE_KEY).bytes;
/** Some bytes of d and of each of the five numbers after it. The modulus, which lies before them, is public. */
const secrets = [aesKey, ...[340, 560, 700, 830, 960, 1090].map((at) => der.subarray(at, at + 30))];

/** How bytes look in hexadecimal, base64 at any alignment, and as numbers. */
function looks(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const base64 = [0, 1, 2].map((skip) => buffer.subarray(skip).toString('base64').slice(0, 16));
  const pairs = buffer.toString('hex', 0, 10).match(/../g) ?? [];
  return [
    pairs.join(''),
    pairs.join(' '),
    ...base64,
    bytes.subarray(0, 8).join(),
    bytes.subarray(0, 5).join(', '),
  ];
}

function shown(value: unknown): string {
  const deep = inspect(value, { showHidden: true, getters: true, depth: 20, maxArrayLength: null });
  return [deep.replace(/\s+/g, ' '), JSON.stringify(value), String(value)].join('\n');
}

const found = (value: unknown) => secrets.flatMap(looks).filter((look) => shown(value).includes(look));

describe.each(backends)('what is printed, $name back end', ({ crypto, options }) => {
  it('of keys, sealers and openers holds no secret, before and after use [S83]', async () => {
    const key = await crypto.importPrivateKey(PRIVATE_KEY, { ...options, extractable: true });
    const external = await externalPrivateKey(key.publicKey, key);
    const sealer = crypto.createSealer(aesKey);
    const opener = crypto.createOpener(aesKey);
    const objects = { key, publicKey: key.publicKey, external, sealer, opener, crypto };
    for (let round = 0; round < 2; round++) {
      for (const object of Object.values(objects)) expect(found(object)).toEqual([]);
      expect(found(objects)).toEqual([]);
      opener.open(sealer.seal(aesKey));
      opener.open(sealer.sealWithIv(aesKey, new Uint8Array(16)));
      await external.decrypt(await key.publicKey.encrypt(aesKey));
      await key.sign(aesKey);
    }
  });

  it('of errors holds no secret, neither do their causes [S83]', async () => {
    const key = await crypto.importPrivateKey(PRIVATE_KEY, options);
    const damaged = der.slice();
    damaged[100]! ^= 4;
    const frame = crypto.createSealer(aesKey).seal(aesKey);
    frame[44]! ^= 1;
    const ciphertext = await key.publicKey.encrypt(aesKey);
    ciphertext[255]! ^= 1;
    const attempts: (() => unknown)[] = [
      () => crypto.importPrivateKey(damaged, options),
      () => crypto.importPrivateKey(der.subarray(0, -1), options),
      () => crypto.importPrivateKey(Uint8Array.of(...der, 0), options),
      () => crypto.importPrivateKey(PRIVATE_KEY.replace('MII', 'MI!'), options),
      () => crypto.importPrivateKey(PRIVATE_KEY.replace('PRIVATE', 'RSA PRIVATE'), options),
      () => crypto.importPrivateKey(PRIVATE_KEY, { ...options, passphrase: 'none' }),
      () => crypto.importPublicKey(PRIVATE_KEY),
      () => crypto.importPublicKey(der),
      () => key.decrypt(ciphertext),
      () => key.publicKey.encrypt(Uint8Array.of(...der)),
      () => key.toPem(),
      () => crypto.createSealer(Uint8Array.of(...aesKey, 1)),
      () => crypto.createSealer(aesKey).sealWithIv(aesKey, aesKey),
      () => crypto.createSealer(aesKey, { maxCallBytes: 32 }).seal(aesKey),
      () => crypto.createOpener(aesKey).open(frame),
      () => crypto.createOpener(aesKey).openVerified(frame, () => false),
    ];
    for (const attempt of attempts) {
      const error = await Promise.resolve()
        .then(attempt)
        .then(String, (reason: unknown) => reason);
      expect(error, String(attempt)).toBeInstanceOf(Error);
      expect(found(error), String(attempt)).toEqual([]);
    }
  });
});

describe('the search for secrets', () => {
  it('finds them in each way of printing', () => {
    for (const secret of secrets) {
      for (const way of [
        { secret },
        { deep: { deeper: [Buffer.from(secret)] } },
        { hex: toHex(secret) },
        new Error('failed', { cause: { secret } }),
        new Error(Buffer.from(secret).toString('base64')),
        { pem: `x${Buffer.from([1, ...secret]).toString('base64')}` },
      ]) {
        expect(found(way)).not.toEqual([]);
      }
    }
  });
});

describe.each([
  { name: 'node', createEncryptor: nodeEncryptor, createDecryptor: nodeDecryptor },
  // The portable back end has the ciphers of web.
  { name: 'web', createEncryptor: webEncryptor, createDecryptor: webDecryptor },
])('the key, $name back end', ({ createEncryptor, createDecryptor }) => {
  /** Keeps what the ciphers were given: the only copy of the key that this package holds. */
  function watched<Cipher>(create: (key: Uint8Array) => Cipher) {
    const held: Uint8Array[] = [];
    const watching = (key: Uint8Array) => {
      held.push(key);
      return create(key);
    };
    return { held, create: watching };
  }
  const zeros = [new Uint8Array(32)];

  it('of a sealer is zero after destroy(), and that of the caller is not [S84]', () => {
    const { held, create } = watched(createEncryptor);
    const mine = aesKey.slice();
    const sealer = new FrameSealer(mine, {}, create, random);
    sealer.seal(aesKey);
    expect(held).toEqual([aesKey]);
    sealer.destroy();
    expect(held).toEqual(zeros);
    expect(mine).toEqual(aesKey);
  });

  it('of an opener is zero after destroy(), and after a frame that cannot be opened [S84]', () => {
    const frame = new FrameSealer(aesKey, {}, createEncryptor, random).seal(aesKey);
    for (const end of ['destroy', 'bad frame', 'refused', 'thrown'] as const) {
      const { held, create } = watched(createDecryptor);
      const opener = new FrameOpener(aesKey, {}, create);
      opener.open(frame);
      expect(held).toEqual([aesKey]);
      const ends = {
        destroy: () => opener.destroy(),
        'bad frame': () => opener.open(frame.subarray(1)),
        refused: () => opener.openVerified(frame, () => false),
        thrown: () =>
          opener.openVerified(frame, () => {
            throw new Error('mine');
          }),
      };
      if (end === 'destroy') ends[end]();
      else expect(ends[end]).toThrow();
      expect(held, end).toEqual(zeros);
    }
  });
});
