import handshakes from '@sealwire/vectors/handshakes.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { decodeHello, defaultLimits, encodeHello, maxClientIdBytes } from '../src/index.js';
import { hex, shifted, utf8 } from './support/bytes.js';
import { codeOf } from './support/errors.js';

const key = new Uint8Array(32).fill(7);
const hello = { clientId: utf8('abc'), lastSeenOrder: -1n, clientAesKey: key };
const bytes = hex(`00000003${'61626300'}${'ff'.repeat(8)}00000020${'07'.repeat(32)}`);
const withVersion = hex(`00000003${'61626300'}${'ff'.repeat(8)}00000020${'07'.repeat(32)}${'00000005'}`);

describe('hello', () => {
  it('is an opaque, a hyper and an opaque', () => {
    expect(encodeHello(hello)).toEqual(bytes);
    expect(decodeHello(bytes)).toEqual(hello);
  });

  it.each(handshakes.map((handshake) => [handshake.clientIdUtf8, handshake] as const))(
    'agrees with the vector of %s both ways',
    (clientIdUtf8, handshake) => {
      const expected = {
        clientId: utf8(clientIdUtf8),
        lastSeenOrder: BigInt(handshake.lastSeenOrder),
        clientAesKey: hex(handshake.clientAesKey),
      };
      expect(decodeHello(shifted(hex(handshake.helloPlain)))).toEqual(expected);
      expect(encodeHello(expected)).toEqual(hex(handshake.helloPlain));
    },
  );

  it('carries a version only where one is given', () => {
    expect(encodeHello({ ...hello, version: 5 })).toEqual(withVersion);
  });

  it('refuses a version unless it is asked for', () => {
    expect(codeOf(() => decodeHello(withVersion))).toBe('E_MALFORMED');
    expect(codeOf(() => decodeHello(withVersion, { version: false }))).toBe('E_MALFORMED');
    expect(decodeHello(withVersion, { version: true })).toEqual({ ...hello, version: 5 });
  });

  it('does without a version where one may follow', () => {
    expect(decodeHello(bytes, { version: true })).toEqual(hello);
  });

  it('refuses a part of a version, and bytes after it', () => {
    for (const extra of [1, 2, 3, 5, 8]) {
      const longer = new Uint8Array(bytes.length + extra);
      longer.set(bytes);
      expect(codeOf(() => decodeHello(longer, { version: true }))).toBe('E_MALFORMED');
    }
  });

  it('is refused when cut at any byte or followed by one [S4]', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(() => decodeHello(bytes.subarray(0, length)))).toBe('E_MALFORMED');
    }
    expect(codeOf(() => decodeHello(hex(`${'00'.repeat(56)}00`)))).toBe('E_MALFORMED');
  });

  it('refuses padding after the client id that is not zero [S6]', () => {
    const altered = bytes.slice();
    altered[7] = 1;
    expect(codeOf(() => decodeHello(altered))).toBe('E_MALFORMED');
  });

  it('takes a client id up to the limit, and keys of every length', () => {
    const limits = { ...defaultLimits, clientId: 2 };
    expect(codeOf(() => decodeHello(bytes, { limits }))).toBe('E_LIMIT');
    expect(decodeHello(bytes, { limits: { ...limits, clientId: 3 } })).toEqual(hello);
    for (const length of [0, 16, 31, 33]) {
      const odd = { ...hello, clientAesKey: new Uint8Array(length) };
      expect(decodeHello(encodeHello(odd))).toEqual(odd);
    }
  });

  it('is not written with a number that is no HYPER or no unsigned int', () => {
    expect(codeOf(() => encodeHello({ ...hello, lastSeenOrder: 1n << 63n }))).toBe('E_FIELD');
    expect(codeOf(() => encodeHello({ ...hello, version: -1 }))).toBe('E_FIELD');
  });
});

describe('maxClientIdBytes', () => {
  it.each([
    [1024, 36],
    [1032, 36],
    [1033, 40],
    [2047, 164],
    [2048, 164],
    [2049, 164],
    [3072, 292],
    [3073, 292],
    [4096, 420],
  ])('of a modulus of %i bits is %i', (bits, longest) => {
    const modulusBytes = Math.ceil(bits / 8);
    expect(maxClientIdBytes(modulusBytes)).toBe(longest);
    // RFC 8017, section 7.1.1: k - 2 hLen - 2 bytes of plaintext.
    const of = (length: number) => encodeHello({ ...hello, clientId: new Uint8Array(length) }).length;
    expect(of(longest)).toBeLessThanOrEqual(modulusBytes - 42);
    expect(of(longest + 1)).toBeGreaterThan(modulusBytes - 42);
  });

  it('is never negative', () => {
    expect(maxClientIdBytes(64)).toBe(0);
  });
});
