import vectors from '@sealwire/vectors/keys.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { backends } from './backends.js';

describe.each(backends)('a secret derived from a private key ($name)', ({ crypto, options }) => {
  it('depends on the key and the purpose, not on the form of the file', async () => {
    const { server2048, client2048 } = vectors.keys;
    const [one, same, other] = await Promise.all(
      [server2048.privatePkcs8, server2048.privatePkcs1, client2048.privatePkcs8].map((pem) =>
        crypto.importPrivateKey(pem, options),
      ),
    );
    const secret = one?.deriveSecret?.('a');
    expect(secret).toHaveLength(32);
    expect(same?.deriveSecret?.('a')).toEqual(secret);
    expect(one?.deriveSecret?.('b')).not.toEqual(secret);
    expect(other?.deriveSecret?.('a')).not.toEqual(secret);
  });
});
