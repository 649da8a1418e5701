import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { crypto } from '../../src/node/index.js';

const { client4096 } = keyFile.keys;
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
});
