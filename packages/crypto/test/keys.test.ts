import { describe, expect, it } from 'vitest';
import type { Backend, RsaPrivateEngine, RsaPublicEngine } from '../src/backend.js';
import { importPrivateKey, importPublicKey } from '../src/keys.js';
import { random } from '../src/node/random.js';
import { rsa } from '../src/node/rsa.js';
import { PRIVATE_KEY, PUBLIC_KEY } from '../src/testkit/fixtures.js';
import { sha256 } from '../src/web/digest.js';

/** Counts the operations that reach the engine, and lets a test replace their results. */
function spied(replace: Partial<RsaPublicEngine & RsaPrivateEngine> = {}) {
  const calls: string[] = [];
  const called = (name: string) => {
    calls.push(name);
    return Promise.resolve(new Uint8Array(256));
  };
  const engine: RsaPublicEngine & RsaPrivateEngine = {
    encrypt: () => called('encrypt'),
    decrypt: () => called('decrypt'),
    sign: () => called('sign'),
    verify: () => called('verify').then(() => true),
    exportPkcs8: () => called('exportPkcs8'),
    ...replace,
  };
  const backend: Backend = {
    name: 'node',
    random,
    rsa: { ...rsa, importPublic: async () => engine, importPrivate: async () => engine },
    sha256,
    sha512: sha256,
    hmacSha256: sha256,
    hkdfSha512: sha256,
    createEncryptor: () => ({ encrypt: (laidOut) => laidOut, encryptWithIvs: (laidOut) => laidOut }),
    createDecryptor: () => ({ decrypt: (frames) => frames }),
  };
  return { backend, calls };
}

const fail = () => Promise.reject(new Error('data too large for modulus'));

describe('the checks before an RSA operation', () => {
  it('stop a ciphertext or signature of a wrong length or size [S40, S41]', async () => {
    const { backend, calls } = spied();
    const key = await importPrivateKey(backend, PRIVATE_KEY);
    calls.length = 0;
    for (const bytes of [0, 255, 257, 512].map((length) => new Uint8Array(length))) {
      await expect(key.decrypt(bytes)).rejects.toMatchObject({ code: 'E_DECRYPT' });
      expect(await key.publicKey.verify(bytes, bytes)).toBe(false);
    }
    const tooLarge = new Uint8Array(256).fill(0xff);
    await expect(key.decrypt(tooLarge)).rejects.toMatchObject({ code: 'E_DECRYPT' });
    expect(await key.publicKey.verify(tooLarge, tooLarge)).toBe(false);
    expect(calls).toEqual([]);
    await key.decrypt(new Uint8Array(256));
    expect(await key.publicKey.verify(tooLarge, new Uint8Array(256))).toBe(true);
    expect(calls).toEqual(['decrypt', 'verify']);
  });

  it('stop a plaintext that is too long [S44]', async () => {
    const { backend, calls } = spied();
    const key = await importPublicKey(backend, PUBLIC_KEY);
    await expect(key.encrypt(new Uint8Array(215))).rejects.toMatchObject({ code: 'E_TOO_LONG' });
    expect(calls).toEqual([]);
  });
});

describe('an engine that fails', () => {
  it('at decrypting is not told from a bad ciphertext [S40]', async () => {
    const { backend } = spied({ decrypt: fail });
    const key = await importPrivateKey(backend, PRIVATE_KEY);
    const errors = await Promise.all(
      [new Uint8Array(256), new Uint8Array(3)].map((bytes) =>
        key.decrypt(bytes).catch((error: unknown) => error),
      ),
    );
    expect(errors[0]).toMatchObject({ code: 'E_DECRYPT' });
    expect(errors[0]).not.toHaveProperty('cause');
    expect(errors[0]).toEqual(errors[1]);
  });

  it('at verifying means no', async () => {
    const { backend } = spied({ verify: fail });
    const key = await importPublicKey(backend, PUBLIC_KEY);
    expect(await key.verify(new Uint8Array(1), new Uint8Array(256))).toBe(false);
  });

  it('at encrypting or signing rejects with E_RSA and the cause', async () => {
    let fails = false;
    const work = () => (fails ? fail() : Promise.resolve(new Uint8Array(256)));
    const { backend } = spied({ encrypt: work, sign: work });
    const key = await importPrivateKey(backend, PRIVATE_KEY);
    fails = true;
    const failure = {
      code: 'E_RSA',
      cause: expect.objectContaining({ message: 'data too large for modulus' }),
    };
    await expect(key.publicKey.encrypt(new Uint8Array(1))).rejects.toMatchObject(failure);
    await expect(key.sign(new Uint8Array(1))).rejects.toMatchObject(failure);
  });

  it('at the self-test refuses the key [S43]', async () => {
    for (const broken of [{ sign: fail }, { verify: fail }, { verify: () => Promise.resolve(false) }]) {
      const attempt = importPrivateKey(spied(broken).backend, PRIVATE_KEY);
      await expect(attempt).rejects.toMatchObject({ code: 'E_KEY_MISMATCH' });
    }
  });
});

describe('the bytes of a key', () => {
  it('are wiped after the import', async () => {
    const seen: Uint8Array[] = [];
    const { backend } = spied();
    const importPrivate: Backend['rsa']['importPrivate'] = async (pkcs8, facts) => {
      seen.push(pkcs8);
      return backend.rsa.importPrivate(pkcs8, facts, {
        extractable: false,
        unsafePortablePrivateKeys: false,
      });
    };
    await importPrivateKey({ ...backend, rsa: { ...backend.rsa, importPrivate } }, PRIVATE_KEY);
    expect(seen.map((bytes) => bytes.some((byte) => byte !== 0))).toEqual([false]);
  });

  it('are in no error [S83]', async () => {
    const secret = PRIVATE_KEY.split('\n')[10] ?? '';
    expect(secret).toHaveLength(64);
    const bad = [
      PRIVATE_KEY.replace('PRIVATE KEY', 'RSA PRIVATE KEY'),
      PRIVATE_KEY + PRIVATE_KEY,
      PRIVATE_KEY.slice(0, -100),
    ];
    for (const key of bad) {
      const error = await importPrivateKey(spied().backend, key).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      const inspected = JSON.stringify(error, Object.getOwnPropertyNames(error));
      expect(inspected).not.toContain(secret);
    }
  });
});
