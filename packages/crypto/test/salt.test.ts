import { constants, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { backends } from './backends.js';

const { client2049, server2048, server3072, client4096 } = keyFile.keys;
const data = new Uint8Array(100).fill(1);
const padding = constants.RSA_PKCS1_PSS_PADDING;

describe.each(backends)('the salt of a signature, $name back end', ({ name, crypto, options }) => {
  const cases = [
    { file: server2048, longest: 190 },
    { file: client2049, longest: 190 },
    { file: server3072, longest: 318 },
    { file: client4096, longest: 446 },
  ].filter(({ file }) => name !== 'portable' || file.bits % 8 !== 1);

  it.each(cases)(
    'is $longest bytes long with $file.bits bits, and no other is taken [S42]',
    async ({ file, longest }) => {
      const native = {
        private: createPrivateKey(file.privatePkcs8),
        public: createPublicKey(file.publicSpki),
      };
      const key = await crypto.importPrivateKey(file.privatePkcs8, options);
      const signature = await key.sign(data);
      for (const saltLength of [0, 20, 64, longest - 1, longest]) {
        expect(verify('sha512', data, { key: native.public, padding, saltLength }, signature)).toBe(
          saltLength === longest,
        );
        const other = sign('sha512', data, { key: native.private, padding, saltLength });
        expect(await key.publicKey.verify(data, new Uint8Array(other))).toBe(saltLength === longest);
      }
    },
  );
});
