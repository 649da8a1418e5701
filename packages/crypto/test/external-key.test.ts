import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import { afterEach, describe, expect, it, vi } from 'vitest';
import { externalPrivateKey } from '../src/external-key.js';
import { crypto as node } from '../src/node/index.js';
import { PRIVATE_KEY, SIGNATURE } from '../src/testkit/fixtures.js';
import { rsaInterop, rsaSuite } from '../src/testkit/rsa.js';
import type { Crypto, ExternalKeyOperations, ExternalKeyOptions } from '../src/types.js';
import { backends } from './backends.js';

const data = Uint8Array.of(1, 2, 3);
const device = await node.importPrivateKey(PRIVATE_KEY);
const other = await node.importPrivateKey(keyFile.keys.client2048.privatePkcs8);
const { publicKey } = device;
type Operations = Required<ExternalKeyOperations>;
const good: Operations = {
  sign: (bytes) => device.sign(bytes),
  decrypt: (bytes) => device.decrypt(bytes),
};

/** Passes the self-test, and then behaves as told. */
async function later(change: Partial<Operations>, options?: ExternalKeyOptions) {
  const operations = { ...good };
  const key = await externalPrivateKey(
    publicKey,
    { sign: (bytes) => operations.sign(bytes), decrypt: (bytes) => operations.decrypt(bytes) },
    options,
  );
  Object.assign(operations, change);
  return key;
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(backends)(
  'an external key, with the public key of the $name back end',
  ({ crypto, options }) => {
    // The suite for back ends, with every imported key behind callbacks that give Buffers, as the libraries of devices do.
    const external: Crypto = {
      ...crypto,
      async importPrivateKey(input, more) {
        const inner = await crypto.importPrivateKey(input, more);
        return externalPrivateKey(inner.publicKey, {
          sign: async (bytes) => Buffer.from(await inner.sign(bytes)),
          decrypt: async (bytes) => Buffer.from(await inner.decrypt(bytes)),
        });
      },
    };
    rsaSuite({ describe, it }, external, { privateKeyOptions: options });
    rsaInterop({ describe, it }, { crypto: external, privateKeyOptions: options }, { crypto: node });
    rsaInterop({ describe, it }, { crypto: node }, { crypto: external, privateKeyOptions: options });
  },
);

describe('an external key, when it is made', () => {
  it('tries each operation once, with a text that is no message', async () => {
    const calls: [string, string][] = [];
    await externalPrivateKey(publicKey, {
      sign: (bytes) => {
        calls.push(['sign', new TextDecoder().decode(bytes)]);
        return device.sign(bytes);
      },
      decrypt: (bytes) => {
        calls.push(['decrypt', String(bytes.length)]);
        return device.decrypt(bytes);
      },
    });
    expect(calls).toEqual([
      ['sign', 'sealwire: self-test of an external private key'],
      ['decrypt', '256'],
    ]);
  });

  const refusals: readonly (readonly [string, string, Partial<Operations>])[] = [
    ['E_KEY_MISMATCH', 'signs with another key', { sign: (bytes) => other.sign(bytes) }],
    ['E_KEY_MISMATCH', 'always gives one signature', { sign: async () => Buffer.from(SIGNATURE, 'base64') }],
    ['E_KEY_MISMATCH', 'signs nothing', { sign: async () => new Uint8Array() }],
    ['E_EXTERNAL', 'cannot sign', { sign: () => Promise.reject(new Error('offline')) }],
    ['E_KEY_MISMATCH', 'decrypts with another key', { decrypt: (bytes) => other.decrypt(bytes) }],
    ['E_KEY_MISMATCH', 'cannot decrypt', { decrypt: () => Promise.reject(new Error('not allowed')) }],
    ['E_KEY_MISMATCH', 'gives back what it got', { decrypt: async (bytes) => bytes.subarray(0, 46) }],
  ];
  it.each(refusals)('is refused with %s if the device %s', async (code, _, change) => {
    await expect(externalPrivateKey(publicKey, { ...good, ...change })).rejects.toMatchObject({ code });
  });

  it('is refused if an argument is not what it should be', async () => {
    const refused = { code: 'E_ARGUMENT' };
    const make = externalPrivateKey as (...args: readonly unknown[]) => Promise<unknown>;
    for (const wrong of [
      undefined,
      null,
      {},
      { sign: good.sign },
      { ...good, decrypt: 1 },
      { ...good, sign: 1 },
    ])
      await expect(make(publicKey, wrong)).rejects.toMatchObject(refused);
    for (const wrong of [undefined, null, {}, 'PEM'])
      await expect(make(wrong, good)).rejects.toMatchObject(refused);
    for (const wrong of [
      { maxOperations: 0 },
      { maxOperations: 1.5 },
      { maxWaiting: -1 },
      { maxWaiting: 2 ** 17 },
    ])
      await expect(make(publicKey, good, wrong)).rejects.toMatchObject(refused);
    for (const wrong of [null, 4, { maxOperation: 4 }])
      await expect(make(publicKey, good, wrong)).rejects.toMatchObject(refused);
  });
});

describe('an external key', () => {
  it('cannot be handed out', async () => {
    await expect((await later({})).toPem()).rejects.toMatchObject({ code: 'E_NOT_EXTRACTABLE' });
  });

  it('need not sign, for a server does not', async () => {
    const key = await externalPrivateKey(publicKey, { decrypt: good.decrypt });
    expect(await key.decrypt(await publicKey.encrypt(data))).toEqual(data);
    await expect(key.sign(data)).rejects.toMatchObject({ code: 'E_EXTERNAL' });
  });

  it('gives out no signature that its public key refuses [S41]', async () => {
    const signature = await device.sign(data);
    const flipped = signature.slice();
    flipped[200]! ^= 1;
    const answers: unknown[] = [
      flipped,
      signature.subarray(1),
      Uint8Array.of(0, ...signature),
      new Uint8Array(),
      await device.sign(Uint8Array.of(9)),
      Array.from(signature),
      signature.buffer,
      'signature',
      undefined,
    ];
    for (const answer of answers) {
      const key = await later({ sign: async () => answer as Uint8Array });
      await expect(key.sign(data)).rejects.toMatchObject({ code: 'E_KEY_MISMATCH' });
    }
  });

  it('asks the device only about ciphertexts of the right length and size [S40]', async () => {
    let asked = 0;
    const decrypt = async () => {
      asked++;
      return data;
    };
    const key = await later({ decrypt });
    for (const length of [0, 255, 257, 512])
      await expect(key.decrypt(new Uint8Array(length))).rejects.toMatchObject({ code: 'E_DECRYPT' });
    await expect(key.decrypt(new Uint8Array(256).fill(0xff))).rejects.toMatchObject({ code: 'E_DECRYPT' });
    expect(asked).toBe(0);
    expect(await key.decrypt(new Uint8Array(256))).toEqual(data);
  });

  it('fails to decrypt in one way, whatever the device says [S45]', async () => {
    const devices: Operations['decrypt'][] = [
      () => Promise.reject(new Error('CKR_ENCRYPTED_DATA_INVALID')),
      () => Promise.reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      () => {
        throw new TypeError('thrown at once');
      },
      async () => new Uint8Array(215),
      async () => 'text' as unknown as Uint8Array,
      async () => undefined as unknown as Uint8Array,
    ];
    const wrongLength = await errorOf((await later({})).decrypt(data));
    expect(wrongLength).toMatchObject({ code: 'E_DECRYPT' });
    for (const decrypt of devices) {
      const error = await errorOf((await later({ decrypt })).decrypt(new Uint8Array(256)));
      expect(error).toEqual(wrongLength);
      expect(error).not.toHaveProperty('cause');
    }
  });

  it('keeps name, code and text of what the device said, and nothing else [S83]', async () => {
    const refusal = Object.assign(new RangeError(`no session${'.'.repeat(5000)}`), {
      code: 'CKR_SESSION_CLOSED',
      request: { headers: { authorization: 'canary' }, body: data },
    });
    const error = await errorOf((await later({ sign: () => Promise.reject(refusal) })).sign(data));
    expect(error).toMatchObject({ code: 'E_EXTERNAL' });
    const { cause } = error as { cause: Error & { code?: string } };
    expect([cause.name, cause.code, cause.message.length]).toEqual(['RangeError', 'CKR_SESSION_CLOSED', 200]);
    expect(Object.keys(cause).sort()).toEqual(['code', 'name']);

    const odd = await errorOf((await later({ sign: () => Promise.reject('canary') })).sign(data));
    expect(odd).toMatchObject({
      code: 'E_EXTERNAL',
      cause: { message: 'the callback threw what is no Error' },
    });
  });

  it('works again after a failure', async () => {
    let failures = 3;
    const sign = (bytes: Uint8Array) =>
      failures-- > 0 ? Promise.reject(new Error('busy')) : device.sign(bytes);
    const key = await later({ sign }, { maxOperations: 1, maxWaiting: 0 });
    for (let i = 0; i < 3; i++) await expect(key.sign(data)).rejects.toMatchObject({ code: 'E_EXTERNAL' });
    expect(await publicKey.verify(data, await key.sign(data))).toBe(true);
  });

  it('shares no memory with the device', async () => {
    let given = new Uint8Array();
    let answer = new Uint8Array();
    const key = await later({
      sign: async (bytes) => {
        given = bytes as Uint8Array<ArrayBuffer>;
        answer = Uint8Array.from(await device.sign(bytes));
        return answer;
      },
    });
    const mine = data.slice();
    const signing = key.sign(mine);
    mine.fill(0);
    const signature = await signing;
    given.fill(0);
    answer.fill(0);
    expect(await publicKey.verify(data, signature)).toBe(true);
    expect(signature.constructor).toBe(Uint8Array);
  });
});

describe('the bound on operations of an external key', () => {
  const held: (() => void)[] = [];
  afterEach(() => {
    for (const release of held.splice(0)) release();
  });
  const sign: Operations['sign'] = async (bytes) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return device.sign(bytes);
  };
  const release = async () => {
    await vi.waitUntil(() => held.length > 0);
    held.shift()?.();
  };

  it('lets so many run, makes so many wait in order, and refuses the rest', async () => {
    const key = await later({ sign }, { maxOperations: 2, maxWaiting: 2 });
    const settled: number[] = [];
    const work = [0, 1, 2, 3].map((i) => key.sign(Uint8Array.of(i)).then(() => settled.push(i)));
    await expect(key.sign(data)).rejects.toMatchObject({ code: 'E_BUSY' });
    await expect(key.decrypt(new Uint8Array(256))).rejects.toMatchObject({ code: 'E_BUSY' });
    expect(held).toHaveLength(2);
    await release();
    await work[0];
    await vi.waitFor(() => expect(held).toHaveLength(2));
    expect(settled).toEqual([0]);
    for (const next of work.slice(1)) {
      await release();
      await next;
    }
    expect(settled).toEqual([0, 1, 2, 3]);
    const free = key.sign(data);
    await release();
    expect((await free).length).toBe(256);
  });

  it('is 4 at once and 1,024 waiting unless it is said', async () => {
    const key = await later({ sign: () => new Promise(() => {}) });
    for (let i = 0; i < 4 + 1024; i++) key.sign(data).catch(() => {});
    await expect(key.sign(data)).rejects.toMatchObject({
      code: 'E_BUSY',
      message: expect.stringContaining('4 operations of the external key are running and 1024 wait'),
    });
  });
});
