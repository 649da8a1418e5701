import type { Crypto } from '../types.js';
import { ascii, check, counting, equal, equalBytes, fromHex, throws } from './assert.js';
import type { TestRunner } from './suite.js';

export function digestSuite({ describe, it }: TestRunner, crypto: Crypto): void {
  describe('digests', () => {
    it('hashes abc as FIPS 180-4 says', () => {
      const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      const sha512 =
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
      equalBytes(crypto.sha256(ascii('abc')), fromHex(sha256), 'SHA-256');
      equalBytes(crypto.sha512(ascii('abc')), fromHex(sha512), 'SHA-512');
    });

    it('computes HMAC-SHA-256 of RFC 4231, cases 2 and 6', () => {
      const short = crypto.hmacSha256(ascii('Jefe'), ascii('what do ya want for nothing?'));
      equalBytes(
        short,
        fromHex('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'),
        'case 2',
      );
      const long = crypto.hmacSha256(
        new Uint8Array(131).fill(0xaa),
        ascii('Test Using Larger Than Block-Size Key - Hash Key First'),
      );
      equalBytes(long, fromHex('60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'), 'case 6');
    });

    it('derives keys with HKDF-SHA-512, also from nothing', () => {
      const expected =
        'f8666bd3fdd88840c947614272dd065c71c541b0de03ff738644dffc3facec646317f3819f453c7f0c4b4fb70680b07f020c3e26ce190895b104a4f8d4770f076ab726fd6ad78fc6cfd7a5faa507fb5f45a3b0594b286d665b4d31fe8b1325a2';
      const derived = crypto.hkdfSha512(ascii('ikm'), ascii('salt'), ascii('info'), 96);
      equalBytes(derived, fromHex(expected), '96 bytes');
      const none = new Uint8Array();
      equalBytes(crypto.hkdfSha512(none, none, none, 1), fromHex('9d'), 'one byte');
    });

    it('refuses a length that HKDF cannot give', () => {
      const key = counting(32);
      equal(crypto.hkdfSha512(key, key, key, 16_320).length, 16_320, 'the longest');
      for (const length of [0, -1, 1.5, 16_321, Number.NaN]) {
        throws('E_ARGUMENT', `${length} bytes`, () => crypto.hkdfSha512(key, key, key, length));
      }
    });

    it('reads parts of larger buffers', () => {
      const part = counting(64).subarray(3, 40);
      equalBytes(crypto.sha256(part), crypto.sha256(part.slice()), 'SHA-256');
      equalBytes(crypto.hmacSha256(part, part), crypto.hmacSha256(part.slice(), part.slice()), 'HMAC');
    });
  });

  describe('randomBytes', () => {
    it('gives the length that was asked for and never the same bytes', () => {
      for (const length of [0, 1, 16, 1024, 1025, 4096, 70_000]) {
        equal(crypto.randomBytes(length).length, length, 'the length');
      }
      const seen = new Set(Array.from({ length: 2000 }, () => crypto.randomBytes(16).join()));
      equal(seen.size, 2000, 'the number of different results');
    });

    it('fills long results to the end', () => {
      const bytes = crypto.randomBytes(70_000);
      const blocks = new Set<string>();
      for (let i = 0; i + 16 <= bytes.length; i += 16) blocks.add(bytes.subarray(i, i + 16).join());
      equal(blocks.size, 4375, 'the number of different blocks');
    });

    it('gives memory that nobody else holds', () => {
      const bytes = crypto.randomBytes(16);
      check(bytes.buffer.byteLength === 16, 'a buffer of its own');
    });

    it('refuses what is no length', () => {
      for (const length of [-1, 0.5, 2 ** 20 + 1, Number.NaN]) {
        throws('E_ARGUMENT', `${length}`, () => crypto.randomBytes(length));
      }
    });
  });
}
