import handshakes from '@sealwire/vectors/handshakes.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { decodeWelcome, defaultLimits, encodeWelcome } from '../src/index.js';
import { hex, shifted } from './support/bytes.js';
import { codeOf } from './support/errors.js';

const welcome = {
  dataToSign: new Uint8Array(17).fill(9),
  lastSeenSequence: 41n,
  serverAesKey: new Uint8Array(32).fill(7),
};
const bytes = hex(`00000011${'09'.repeat(17)}000000${'00'.repeat(7)}2900000020${'07'.repeat(32)}`);

describe('welcome', () => {
  it('is an opaque, a hyper and an opaque', () => {
    expect(encodeWelcome(welcome)).toEqual(bytes);
    expect(decodeWelcome(bytes)).toEqual(welcome);
  });

  it.each(handshakes.map((handshake) => [handshake.clientIdUtf8, handshake] as const))(
    'agrees with the vector of %s both ways',
    (_, handshake) => {
      const expected = {
        dataToSign: hex(handshake.dataToSign),
        lastSeenSequence: BigInt(handshake.lastSeenSequence),
        serverAesKey: hex(handshake.serverAesKey),
      };
      expect(decodeWelcome(shifted(hex(handshake.welcomePlain)))).toEqual(expected);
      expect(encodeWelcome(expected)).toEqual(hex(handshake.welcomePlain));
    },
  );

  it('carries and takes a version only where it is asked for', () => {
    const longer = encodeWelcome({ ...welcome, version: 0xffff_ffff });
    expect(longer).toEqual(Uint8Array.of(...bytes, 0xff, 0xff, 0xff, 0xff));
    expect(codeOf(() => decodeWelcome(longer))).toBe('E_MALFORMED');
    expect(decodeWelcome(longer, { version: true })).toEqual({ ...welcome, version: 0xffff_ffff });
    expect(decodeWelcome(bytes, { version: true })).toEqual(welcome);
  });

  it('is refused when cut at any byte or followed by one', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(() => decodeWelcome(bytes.subarray(0, length)))).toBe('E_MALFORMED');
    }
    expect(codeOf(() => decodeWelcome(Uint8Array.of(...bytes, 0)))).toBe('E_MALFORMED');
  });

  it('takes DATA TO SIGN up to the limit', () => {
    expect(codeOf(() => decodeWelcome(bytes, { limits: { ...defaultLimits, dataToSign: 16 } }))).toBe(
      'E_LIMIT',
    );
    expect(decodeWelcome(bytes, { limits: { ...defaultLimits, dataToSign: 17 } })).toEqual(welcome);
  });

  it('is not written with a number that is no HYPER', () => {
    expect(codeOf(() => encodeWelcome({ ...welcome, lastSeenSequence: -(1n << 63n) - 1n }))).toBe('E_FIELD');
  });
});
