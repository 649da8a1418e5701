import { constants, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { crypto } from '../../src/node/index.js';

const { client4096, client2049, server2048 } = keyFile.keys;
const data = new Uint8Array(100).fill(1);

describe('RSA on Node', () => {
  // Synchronous operations would all be settled before the event loop turns once. These take 100 ms of processor time.
  it.each(['sign', 'decrypt'] as const)('does %s off the event loop', async (operation) => {
    const key = await crypto.importPrivateKey(client4096.privatePkcs8);
    const input = operation === 'sign' ? data : await key.publicKey.encrypt(data);
    const turn = new Promise((resolve) => setImmediate(resolve, 'the loop turned'));
    const work = Promise.all(Array.from({ length: 32 }, () => key[operation](input)));
    expect(await Promise.race([work.then(() => 'the work was done'), turn])).toBe('the loop turned');
    expect(await work).toHaveLength(32);
  });

  it.each([
    [server2048, 190],
    [client2049, 190],
    [client4096, 446],
  ])('uses the longest salt and no other', async (file, saltLength) => {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const native = { private: createPrivateKey(file.privatePkcs8), public: createPublicKey(file.publicSpki) };
    const key = await crypto.importPrivateKey(file.privatePkcs8);
    const signature = await key.sign(data);
    for (const salt of [0, 20, 64, saltLength - 1, saltLength]) {
      const exact = { key: native.public, padding, saltLength: salt };
      expect(verify('sha512', data, exact, signature)).toBe(salt === saltLength);
      const other = sign('sha512', data, { key: native.private, padding, saltLength: salt });
      expect(await key.publicKey.verify(data, new Uint8Array(other))).toBe(salt === saltLength);
    }
  });
});
