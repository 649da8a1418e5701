import { fromBase64 } from '../bytes.js';
import { readPublicKeyFile } from '../key-file.js';
import type { Crypto } from '../types.js';
import { ascii, check, counting, equal, equalBytes, fromHex, rejects, toHex } from './assert.js';
import * as fixtures from './fixtures.js';
import type { CryptoSuiteOptions, Party, TestRunner } from './suite.js';

const message = ascii(fixtures.MESSAGE);

export function rsaSuite({ describe, it }: TestRunner, crypto: Crypto, options: CryptoSuiteOptions): void {
  const importPublic = () => crypto.importPublicKey(fixtures.PUBLIC_KEY);
  const importPrivate = () => crypto.importPrivateKey(fixtures.PRIVATE_KEY, options.privateKeyOptions);
  const modulus = toInteger(readPublicKeyFile(fixtures.PUBLIC_KEY).n);

  describe('RSA-OAEP', () => {
    it('decrypts what another implementation encrypted', async () => {
      equalBytes(await (await importPrivate()).decrypt(bytes(fixtures.CIPHERTEXT)), message, 'the plaintext');
    });

    it('round-trips from no bytes to the maximum, and refuses one more [S44]', async () => {
      const key = await importPrivate();
      const { encrypt, maxPlaintext } = {
        encrypt: key.publicKey.encrypt.bind(key.publicKey),
        maxPlaintext: 214,
      };
      for (const length of [0, 1, 42, 213, maxPlaintext]) {
        const ciphertext = await encrypt(counting(length));
        equal(ciphertext.length, 256, 'the ciphertext');
        equalBytes(await key.decrypt(ciphertext), counting(length), 'the plaintext');
      }
      for (const length of [215, 256, 428]) {
        await rejects('E_TOO_LONG', `${length} bytes`, key.publicKey.encrypt(counting(length)));
      }
    });

    it('encrypts differently each time', async () => {
      const key = await importPublic();
      const [one, two] = [await key.encrypt(message), await key.encrypt(message)];
      check(toHex(one) !== toHex(two), 'two ciphertexts');
    });

    it('answers everything else with one code and one message [S40, S45]', async () => {
      const key = await importPrivate();
      const good = bytes(fixtures.CIPHERTEXT);
      const flipped = good.slice();
      flipped[255]! ^= 1;
      const bad = [
        new Uint8Array(),
        good.subarray(1),
        good.subarray(0, 255),
        Uint8Array.of(0, ...good),
        Uint8Array.of(...good, ...good),
        ...[toInteger(good) + modulus, modulus, modulus - 1n, 0n, 1n].map(toBytes),
        new Uint8Array(256).fill(0xff),
        flipped,
        ...Object.values(fixtures.FOREIGN_CIPHERTEXTS).map(bytes),
      ];
      const messages = new Set<string>();
      for (const ciphertext of bad) {
        const attempt = key.decrypt(ciphertext);
        await rejects('E_DECRYPT', `a ciphertext of ${ciphertext.length} bytes`, attempt);
        messages.add(await attempt.then(String, (error: Error) => `${error.message} ${error.cause}`));
      }
      equal(messages.size, 1, 'the number of different messages');
    });
  });

  describe('RSA-PSS', () => {
    it('verifies what another implementation signed', async () => {
      check(await (await importPublic()).verify(message, bytes(fixtures.SIGNATURE)), 'a good signature');
    });

    it('signs so that only these data verify, differently each time', async () => {
      const key = await importPrivate();
      for (const data of [new Uint8Array(), counting(1), counting(5000)]) {
        const [one, two] = [await key.sign(data), await key.sign(data)];
        equal(one.length, 256, 'the signature');
        check(toHex(one) !== toHex(two), 'two signatures');
        check(await key.publicKey.verify(data, one), 'the first to verify');
        check(await key.publicKey.verify(data, two), 'the second to verify');
        check(!(await key.publicKey.verify(message, one)), 'other data to be refused');
      }
    });

    const good = bytes(fixtures.SIGNATURE);
    const s = toInteger(good);
    const malformed: Readonly<Record<string, Uint8Array>> = {
      'no bytes': new Uint8Array(),
      'a byte too few': good.subarray(0, 255),
      'a byte too many': Uint8Array.of(...good, 0),
      'a zero byte before it': Uint8Array.of(0, ...good),
      's + n': toBytes(s + modulus),
      'n - s': toBytes(modulus - s),
      '0': toBytes(0n),
      '1': toBytes(1n),
      'n - 1': toBytes(modulus - 1n),
      n: toBytes(modulus),
      'all ones': new Uint8Array(256).fill(0xff),
      'one bit flipped': toBytes(s ^ 1n),
    };
    for (const [what, signature] of Object.entries(malformed)) {
      it(`refuses ${what} [S41]`, async () => {
        equal(await (await importPublic()).verify(message, signature), false, 'the answer');
      });
    }

    for (const [what, signature] of Object.entries(fixtures.FOREIGN_SIGNATURES)) {
      it(`refuses a signature with ${what} [S42]`, async () => {
        equal(await (await importPublic()).verify(message, bytes(signature)), false, 'the answer');
      });
    }

    it('refuses a signature whose leading zero byte was cut off [S41]', async () => {
      const key = await importPublic();
      const signature = bytes(fixtures.SIGNATURE_WITH_ZERO);
      check(await key.verify(message, signature), 'the whole signature to verify');
      equal(await key.verify(message, signature.subarray(1)), false, 'the answer to the rest');
    });
  });
}

/** What one back end makes, the other takes. */
export function rsaInterop({ it }: TestRunner, from: Party, to: Party): void {
  it('encrypts and decrypts', async () => {
    const key = await to.crypto.importPrivateKey(fixtures.PRIVATE_KEY, to.privateKeyOptions);
    const ciphertext = await (await from.crypto.importPublicKey(fixtures.PUBLIC_KEY)).encrypt(message);
    equalBytes(await key.decrypt(ciphertext), message, 'the plaintext');
  });

  it('signs and verifies', async () => {
    const key = await from.crypto.importPrivateKey(fixtures.PRIVATE_KEY, from.privateKeyOptions);
    const publicKey = await to.crypto.importPublicKey(fixtures.PUBLIC_KEY);
    check(await publicKey.verify(message, await key.sign(message)), 'the signature to verify');
  });
}

function bytes(base64: string): Uint8Array {
  return fromBase64(base64) ?? new Uint8Array();
}

function toInteger(big: Uint8Array): bigint {
  return BigInt(`0x${toHex(big)}`);
}

function toBytes(integer: bigint): Uint8Array {
  return fromHex(integer.toString(16).padStart(512, '0'));
}
