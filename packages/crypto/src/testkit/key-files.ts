import { Tag, writeElement, writeUnsigned } from '../der.js';
import type { CryptoErrorCode } from '../errors.js';
import { readPublicKeyFile, writeSpki } from '../key-file.js';
import { readPem, writePem } from '../pem.js';
import type { Crypto } from '../types.js';
import { ascii, check, equal, equalBytes, rejects } from './assert.js';
import * as fixtures from './fixtures.js';
import type { CryptoSuiteOptions, TestRunner } from './suite.js';

export function keyFileSuite(
  { describe, it }: TestRunner,
  crypto: Crypto,
  options: CryptoSuiteOptions,
): void {
  const { PRIVATE_KEY, PUBLIC_KEY } = fixtures;
  const privateOptions = options.privateKeyOptions ?? {};
  const importPrivate = (key: string | Uint8Array, more = {}) =>
    crypto.importPrivateKey(key, { ...privateOptions, ...more });
  const spki = readPem(PUBLIC_KEY).bytes;
  const { n, e } = readPublicKeyFile(PUBLIC_KEY);

  describe('public keys', () => {
    it('are read as PEM text, as the bytes of a PEM file and as DER, SPKI and PKCS#1', async () => {
      const pkcs1 = writeElement(Tag.sequence, writeUnsigned(n), writeUnsigned(e));
      const forms = [PUBLIC_KEY, ascii(PUBLIC_KEY), spki, pkcs1, writePem('RSA PUBLIC KEY', pkcs1)];
      for (const form of [...forms, `a comment\n${PUBLIC_KEY.replace(/\n/g, '\r\n')}`]) {
        const key = await crypto.importPublicKey(form);
        equalBytes(key.spki, spki, 'the SPKI');
        equal(key.fingerprint, fixtures.FINGERPRINT, 'the fingerprint');
        equal(key.toPem(), PUBLIC_KEY, 'the PEM');
      }
    });

    it('say their size, exponent and room', async () => {
      const key = await crypto.importPublicKey(PUBLIC_KEY);
      equal(key.modulusBits, 2048, 'modulusBits');
      equal(key.modulusBytes, 256, 'modulusBytes');
      equal(key.publicExponent, 65_537, 'publicExponent');
      equal(key.maxPlaintext, 214, 'maxPlaintext');
    });

    it('hand out a copy of their SPKI', async () => {
      const key = await crypto.importPublicKey(PUBLIC_KEY);
      key.spki.fill(0);
      equalBytes(key.spki, spki, 'the SPKI');
    });

    const made = (modulus: Uint8Array, exponent: readonly number[]) =>
      writeSpki({ n: modulus, e: Uint8Array.from(exponent) });
    const even = n.slice();
    even[even.length - 1]! &= 0xfe;
    const huge = new Uint8Array(1025).fill(0xff);
    const refusals: readonly (readonly [CryptoErrorCode, string, string | Uint8Array])[] = [
      ['E_KEY_FORMAT', 'nothing', ''],
      ['E_KEY_FORMAT', 'no bytes', new Uint8Array()],
      ['E_KEY_FORMAT', 'a path', './server.pub'],
      ['E_KEY_FORMAT', 'half a file', PUBLIC_KEY.slice(0, 200)],
      ['E_KEY_FORMAT', 'base64 with a hole', PUBLIC_KEY.replace('MII', 'M\u0000I')],
      ['E_KEY_FORMAT', 'DER with a byte after it', Uint8Array.of(...spki, 0)],
      ['E_KEY_FORMAT', 'DER without its last byte', spki.subarray(0, -1)],
      ['E_KEY_FORMAT', 'a label that does not fit', PUBLIC_KEY.replaceAll('PUBLIC KEY', 'RSA PUBLIC KEY')],
      ['E_KEY_FORMAT', 'an OpenSSH key', 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB test'],
      ['E_KEY_FORMAT', '64 KiB and more', 'x'.repeat(65_537)],
      ['E_KEY_MULTIPLE', 'two blocks', PUBLIC_KEY + PUBLIC_KEY],
      ['E_KEY_PRIVATE', 'a private key', PRIVATE_KEY],
      ['E_KEY_PRIVATE', 'an encrypted private key', fixtures.ENCRYPTED_KEY],
      ['E_KEY_ENCRYPTED', 'a key in the old encryption', fixtures.OLD_ENCRYPTED_KEY],
      ['E_KEY_CERTIFICATE', 'a certificate', fixtures.CERTIFICATE],
      ['E_KEY_CERTIFICATE', 'a certificate in DER', readPem(fixtures.CERTIFICATE).bytes],
      ['E_KEY_NOT_RSA', 'an elliptic key', fixtures.EC_PUBLIC_KEY],
      ['E_KEY_RSA_PSS', 'an RSASSA-PSS key', fixtures.RSA_PSS_PUBLIC_KEY],
      ['E_KEY_MODULUS', '1024 bits', fixtures.SMALL_PUBLIC_KEY],
      ['E_KEY_MODULUS', 'more than 8192 bits', made(huge, [1, 0, 1])],
      ['E_KEY_MODULUS', 'an even modulus', made(even, [1, 0, 1])],
      ['E_KEY_MODULUS', 'the modulus 0', made(Uint8Array.of(0), [3])],
      ['E_KEY_EXPONENT', 'e = 0', made(n, [0])],
      ['E_KEY_EXPONENT', 'e = 1', made(n, [1])],
      ['E_KEY_EXPONENT', 'e = 2', made(n, [2])],
      ['E_KEY_EXPONENT', 'an even e', made(n, [1, 0, 0])],
      ['E_KEY_EXPONENT', 'e = 2^32 + 1', made(n, [1, 0, 0, 0, 1])],
    ];
    for (const [code, what, key] of refusals) {
      it(`refuse ${what} (${code}) [S43]`, () => rejects(code, what, crypto.importPublicKey(key)));
    }

    it('take e = 3 and the largest e [S43]', async () => {
      equal((await crypto.importPublicKey(made(n, [3]))).publicExponent, 3, 'e');
      const largest = await crypto.importPublicKey(made(n, [255, 255, 255, 255]));
      equal(largest.publicExponent, 2 ** 32 - 1, 'e');
    });

    it('may be small only on demand [S43]', async () => {
      const key = await crypto.importPublicKey(fixtures.SMALL_PUBLIC_KEY, { unsafeAllowSmallKeys: true });
      equal(key.modulusBits, 1024, 'modulusBits');
      equal((await key.encrypt(new Uint8Array(86))).length, 128, 'the ciphertext');
    });
  });

  describe('private keys', () => {
    const pkcs8 = readPem(PRIVATE_KEY).bytes;

    it('are read from PEM and DER and know their public half', async () => {
      for (const form of [PRIVATE_KEY, ascii(PRIVATE_KEY), pkcs8]) {
        equal((await importPrivate(form)).publicKey.fingerprint, fixtures.FINGERPRINT, 'the fingerprint');
      }
    });

    it('are not handed out unless they were imported so', async () => {
      await rejects('E_NOT_EXTRACTABLE', 'toPem()', (await importPrivate(PRIVATE_KEY)).toPem());
      equal(await (await importPrivate(PRIVATE_KEY, { extractable: true })).toPem(), PRIVATE_KEY, 'the PEM');
    });

    it('leave the bytes of the caller alone', async () => {
      const copy = pkcs8.slice();
      await importPrivate(copy);
      equalBytes(copy, pkcs8, 'the input');
    });

    it('show nothing secret when they are printed [S83]', async () => {
      const key = await importPrivate(PRIVATE_KEY, { extractable: true });
      equal(Object.keys(key).join(), 'publicKey', 'the own properties');
      check(!JSON.stringify(key).includes('PRIVATE'), 'JSON without the key');
    });

    const anotherModulus = pkcs8.slice();
    anotherModulus[100]! ^= 4;
    const exponentAt = pkcs8.findIndex((_, i) => pkcs8.subarray(i, i + 5).join() === '2,3,1,0,1');
    const anotherExponent = pkcs8.slice();
    anotherExponent[exponentAt + 4] = 3;
    // Within d, which no self-test sees: what computes takes the numbers behind it.
    const anotherPrivateExponent = pkcs8.slice();
    anotherPrivateExponent[340]! ^= 4;
    const refusals: readonly (readonly [CryptoErrorCode, string, string | Uint8Array])[] = [
      ['E_KEY_FORMAT', 'nothing', ''],
      ['E_KEY_FORMAT', 'half a file', PRIVATE_KEY.slice(0, 900)],
      ['E_KEY_MULTIPLE', 'two blocks', PRIVATE_KEY + PUBLIC_KEY],
      ['E_KEY_PUBLIC', 'a public key', PUBLIC_KEY],
      ['E_KEY_ENCRYPTED', 'an encrypted key without passphrase', fixtures.ENCRYPTED_KEY],
      ['E_KEY_ENCRYPTED', 'a key in the old encryption', fixtures.OLD_ENCRYPTED_KEY],
      ['E_KEY_NOT_RSA', 'an elliptic key', fixtures.EC_PRIVATE_KEY],
      ['E_KEY_NOT_RSA', 'an elliptic key in SEC 1', fixtures.EC_SEC1_KEY],
      ['E_KEY_NOT_RSA', 'an elliptic key in SEC 1, DER', readPem(fixtures.EC_SEC1_KEY).bytes],
      ['E_KEY_RSA_PSS', 'an RSASSA-PSS key', fixtures.RSA_PSS_PRIVATE_KEY],
      ['E_KEY_MODULUS', '1024 bits', fixtures.SMALL_PRIVATE_KEY],
      ['E_KEY_MISMATCH', 'the modulus of another key', anotherModulus],
      ['E_KEY_MISMATCH', 'the exponent of another key', anotherExponent],
      ['E_KEY_MISMATCH', 'another private exponent beside the right primes', anotherPrivateExponent],
    ];
    for (const [code, what, key] of refusals) {
      it(`refuse ${what} (${code}) [S43]`, () => rejects(code, what, importPrivate(key)));
    }

    it('refuse a passphrase for a key that is not encrypted [S43]', () =>
      rejects('E_KEY_PASSPHRASE', 'an open key', importPrivate(PRIVATE_KEY, { passphrase: 'correct' })));

    if (options.encryptedKeys ?? true) {
      it('are read from encrypted PKCS#8 [S43]', async () => {
        const key = await importPrivate(fixtures.ENCRYPTED_KEY, { passphrase: 'correct' });
        equal(key.publicKey.fingerprint, fixtures.FINGERPRINT, 'the fingerprint');
        for (const passphrase of ['wrong', '']) {
          await rejects(
            'E_KEY_PASSPHRASE',
            passphrase,
            importPrivate(fixtures.ENCRYPTED_KEY, { passphrase }),
          );
        }
      });
    } else {
      it('are not read from encrypted PKCS#8, and the error says so [S43]', () =>
        rejects(
          'E_KEY_UNSUPPORTED',
          'an encrypted key',
          importPrivate(fixtures.ENCRYPTED_KEY, { passphrase: 'correct' }),
        ));
    }
  });

  describe('generated keys', () => {
    it('work, can be saved and come back the same', async () => {
      const { publicKey, privateKey } = await crypto.generateKeyPair(privateOptions);
      equal(publicKey.modulusBits, 2048, 'modulusBits');
      equal(publicKey.publicExponent, 65_537, 'publicExponent');
      equal(privateKey.publicKey, publicKey, 'the public half');
      const again = await importPrivate(await privateKey.toPem());
      equal(again.publicKey.fingerprint, publicKey.fingerprint, 'the fingerprint');
    });

    it('refuse a size that is too small, too large or odd', async () => {
      for (const modulusBits of [1024, 2047, 2049, 8200, Number.NaN]) {
        await rejects(
          'E_ARGUMENT',
          `${modulusBits} bits`,
          crypto.generateKeyPair({ ...privateOptions, modulusBits }),
        );
      }
    });
  });
}
