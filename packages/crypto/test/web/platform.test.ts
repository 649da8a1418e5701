import { afterEach, describe, expect, it, vi } from 'vitest';
import { crypto as portable } from '../../src/portable/index.js';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../src/testkit/fixtures.js';
import { crypto as web } from '../../src/web/index.js';

const platform = globalThis.crypto;
const getRandomValues = platform.getRandomValues.bind(platform);

/** Draws until the pool is empty, so that the next draw asks the platform. */
function untilItThrows(body: () => unknown): unknown {
  for (let i = 0; i < 10_000; i++) {
    try {
      body();
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a page without crypto.subtle', () => {
  it.each([{ getRandomValues }, undefined])('gets E_NO_WEBCRYPTO and no other RSA [S46]', async (crypto) => {
    vi.stubGlobal('crypto', crypto);
    const failure = { code: 'E_NO_WEBCRYPTO' };
    await expect(web.importPublicKey(PUBLIC_KEY)).rejects.toMatchObject(failure);
    await expect(web.importPrivateKey(PRIVATE_KEY)).rejects.toMatchObject(failure);
    await expect(web.generateKeyPair()).rejects.toMatchObject(failure);
  });
});

describe.each([web, portable])('a platform without randomness, $backend', (crypto) => {
  const refusing = () => {
    throw new Error('no entropy');
  };
  it.each([undefined, {}, { getRandomValues: refusing }])('gets E_NO_RANDOM and no frame [S47]', (broken) => {
    vi.stubGlobal('crypto', broken);
    const sealer = crypto.createSealer(Uint8Array.from({ length: 32 }, (_, i) => i));
    expect(untilItThrows(() => crypto.randomBytes(64))).toMatchObject({ code: 'E_NO_RANDOM' });
    expect(untilItThrows(() => sealer.seal(new Uint8Array(1)))).toMatchObject({ code: 'E_NO_RANDOM' });
    expect(() => crypto.randomBytes(1000)).toThrow(expect.objectContaining({ code: 'E_NO_RANDOM' }));
  });
});

describe('views of shared memory', () => {
  it('are taken like others', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(64)).fill(3);
    const key = await web.importPrivateKey(PRIVATE_KEY);
    expect(await key.decrypt(await key.publicKey.encrypt(shared))).toEqual(new Uint8Array(64).fill(3));
    expect(await key.publicKey.verify(shared, await key.sign(shared))).toBe(true);
  });
});

describe('private keys in the browser', () => {
  it('are imported once for each use, and not extractable', async () => {
    const imported = vi.spyOn(platform.subtle, 'importKey');
    await web.importPrivateKey(PRIVATE_KEY);
    const privates = imported.mock.calls.filter(([format]) => format === 'pkcs8');
    expect(privates.map(([, , , extractable, usages]) => [extractable, usages])).toEqual([
      [false, ['decrypt']],
      [false, ['sign']],
    ]);
    imported.mockRestore();
  });
});
