import nodeCrypto from 'node:crypto';
import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import { describe, expect, it, vi } from 'vitest';
import { crypto } from '../../src/portable/index.js';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../src/testkit/fixtures.js';

describe('the portable back end', () => {
  it('refuses private keys without the named consent [S46]', async () => {
    for (const options of [undefined, {}, { unsafePortablePrivateKeys: false }]) {
      const failure = { code: 'E_PORTABLE_PRIVATE' };
      await expect(crypto.importPrivateKey(PRIVATE_KEY, options)).rejects.toMatchObject(failure);
      await expect(crypto.generateKeyPair(options)).rejects.toMatchObject(failure);
    }
  });

  it('refuses keys with which node-rsa computes wrongly [S43]', async () => {
    const { publicSpki } = keyFile.keys.client2049;
    await expect(crypto.importPublicKey(publicSpki)).rejects.toMatchObject({ code: 'E_KEY_UNSUPPORTED' });
  });

  it('computes in JavaScript even where node:crypto is at hand', async () => {
    const natives = ['sign', 'verify', 'publicEncrypt', 'privateDecrypt'] as const;
    const spies = natives.map((name) => vi.spyOn(nodeCrypto, name));
    const key = await crypto.importPrivateKey(PRIVATE_KEY, { unsafePortablePrivateKeys: true });
    const ciphertext = await (await crypto.importPublicKey(PUBLIC_KEY)).encrypt(new Uint8Array(3));
    expect(await key.decrypt(ciphertext)).toEqual(new Uint8Array(3));
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0, 0]);
    for (const spy of spies) spy.mockRestore();
  });
});
