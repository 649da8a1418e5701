import { describe, expect, it } from 'vitest';
import { crypto as node } from '../src/node/index.js';
import { cryptoSuite, type TestRunner } from '../src/testkit.js';
import type { Crypto, PublicKey } from '../src/types.js';

/** Runs the suite and names the tests that failed. */
async function failures(crypto: Crypto): Promise<string[]> {
  const tests: [string, () => void | Promise<void>][] = [];
  const runner: TestRunner = { describe: (_, body) => body(), it: (name, body) => tests.push([name, body]) };
  cryptoSuite(runner, crypto);
  expect(tests.length).toBeGreaterThan(100);
  const failed: string[] = [];
  for (const [name, body] of tests) {
    try {
      await body();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

/** Node's back end with public keys that behave differently. */
function withPublicKeys(change: (key: PublicKey) => Partial<PublicKey>): Crypto {
  return {
    ...node,
    async importPublicKey(input, options) {
      const key = await node.importPublicKey(input, options);
      const { modulusBits, modulusBytes, publicExponent, maxPlaintext, fingerprint } = key;
      return {
        ...{ modulusBits, modulusBytes, publicExponent, maxPlaintext, fingerprint },
        get spki() {
          return key.spki;
        },
        encrypt: key.encrypt.bind(key),
        verify: key.verify.bind(key),
        toPem: key.toPem.bind(key),
        ...change(key),
      };
    },
  };
}

describe('the suite for back ends', () => {
  it('passes a good one', async () => {
    expect(await failures(node)).toEqual([]);
  });

  it('fails one that verifies everything', async () => {
    expect(await failures(withPublicKeys(() => ({ verify: async () => true })))).toContain(
      'refuses s + n [S41]',
    );
  });

  it('fails one that pads short signatures', async () => {
    const lax = withPublicKeys((key) => ({
      verify: (data, signature) =>
        key.verify(data, Uint8Array.of(...new Uint8Array(256), ...signature).slice(-256)),
    }));
    expect(await failures(lax)).toEqual([
      'refuses a zero byte before it [S41]',
      'refuses a signature whose leading zero byte was cut off [S41]',
    ]);
  });

  it('fails one whose random bytes repeat', async () => {
    const stuck = { ...node, randomBytes: (length: number) => new Uint8Array(length) };
    expect(await failures(stuck)).toContain('gives the length that was asked for and never the same bytes');
  });

  it('fails one whose opener forgives', async () => {
    const forgiving: Crypto = {
      ...node,
      createOpener: (key) => {
        let opener = node.createOpener(key);
        const retry = () => {
          opener = node.createOpener(key);
        };
        return {
          open(frame) {
            try {
              return opener.open(frame);
            } catch (error) {
              retry();
              throw error;
            }
          },
          openBatch: (frames) => opener.openBatch(frames),
          openVerified: (frame, accept) => opener.openVerified(frame, accept),
          openVerifiedBatch: (frames, accept) => opener.openVerifiedBatch(frames, accept),
          openEach: (frames, accept) => opener.openEach(frames, accept),
          destroy: () => opener.destroy(),
        };
      },
    };
    expect(await failures(forgiving)).toContain(
      'answers every bad frame with one code and one message, and then opens nothing more [S48]',
    );
  });

  it('fails one that takes the HMAC of something else', async () => {
    const wrong = { ...node, hmacSha256: (key: Uint8Array) => node.sha256(key) };
    expect(await failures(wrong)).toContain('computes HMAC-SHA-256 of RFC 4231, cases 2 and 6');
  });
});
