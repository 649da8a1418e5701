import { encodeSignedData, type Layout } from '@sealwire/framing';
import hardening from '@sealwire/vectors/hardening.json' with { type: 'json' };
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertNoChallenge } from '../src/challenge.js';
import { assertSafeChallenge, plainChallenge, SessionError } from '../src/index.js';
import { hex, utf8, xorshift } from './support/bytes.js';

/** The number of the rule that refuses, or 0. */
function rule(challenge: Uint8Array): number {
  try {
    assertSafeChallenge(challenge);
    return 0;
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'E_CHALLENGE_REFUSED') throw error;
    return Number(/\(rule (\d)\)/.exec(error.message)?.[1]);
  }
}

const rules: Record<string, number> = { length: 1, documented: 2, deployed: 3, json: 4, mark: 5 };

describe('the challenge guard', () => {
  it.each(hardening.guard.map((vector) => [vector.name, vector.refused, vector.challenge] as const))(
    'judges "%s" as %s',
    (_, refused, challenge) => {
      expect(rule(hex(challenge))).toBe(refused === null ? 0 : rules[refused]);
    },
  );

  it.each([
    ['begins after 14 characters only', `{${'x'.repeat(14)}`, 0],
    ['begins with 15 characters', `{${'x'.repeat(15)}`, 4],
    ['is an array', `[${'x'.repeat(15)}`, 4],
    ['is a string', `"${'x'.repeat(16)}`, 0],
    ['follows white space', `\t\n\r {${'x'.repeat(15)}`, 4],
    ['follows a byte order mark and white space', `\ufeff {${'x'.repeat(15)}`, 4],
    ['follows white space and a byte order mark', `  \ufeff{${'x'.repeat(15)}`, 0],
    ['has white space among the characters', `{\t\n\r${'x'.repeat(12)}`, 4],
    ['has a control character', `{xx\u0001${'x'.repeat(15)}`, 0],
    ['has DEL', `{xx\u007f${'x'.repeat(15)}`, 0],
    ['has a vertical tab', `{xx\u000b${'x'.repeat(15)}`, 0],
    ['has characters of two, three and four bytes', `{${'é€🚀'.repeat(5)}`, 4],
  ])('a text that %s, as %j, breaks rule %i', (_, json, expected) => {
    for (const offset of [12, 16]) {
      const bytes = new Uint8Array(offset + utf8(json).length).fill(0xff);
      bytes.set(utf8(json), offset);
      expect(rule(bytes)).toBe(expected);
    }
  });

  it.each([
    ['an overlong slash', 'c0af'],
    ['an overlong character of three bytes', 'e09fbf'],
    ['a surrogate', 'eda080'],
    ['an overlong character of four bytes', 'f08fbfbf'],
    ['a character beyond U+10FFFF', 'f4908080'],
    ['a byte that begins nothing', 'f8888080'],
    ['a lone continuation', '80'],
    ['a character cut by another', 'e282'],
  ])('takes %s for no JSON text', (_, character) => {
    const bytes = hex(`${'ff'.repeat(16)}7b${character}${'78'.repeat(20)}`);
    expect(rule(bytes)).toBe(0);
  });

  it.each(['c280', 'dfbf', 'e0a080', 'ed9fbf', 'ee8080', 'efbfbf', 'f0908080', 'f48fbfbf'])(
    'takes %s for a character of a JSON text',
    (character) => {
      expect(rule(hex(`${'ff'.repeat(16)}7b${character}${'78'.repeat(14)}`))).toBe(4);
      expect(rule(hex(`${'ff'.repeat(16)}7b${character}${'78'.repeat(13)}`))).toBe(0);
    },
  );

  it('reads a character that the end cuts as no text', () => {
    expect(rule(hex(`${'ff'.repeat(16)}7b${'78'.repeat(14)}e282`))).toBe(0);
  });

  it('refuses everything that is signed as a message [S28]', () => {
    const random = xorshift(0x5ea1);
    for (let run = 0; run < 100_000; run += 1) {
      const [length = 0, kind = 0] = random(2);
      const layout: Layout = kind & 1 ? 'deployed' : 'documented';
      const type = kind & 2 ? 1 : 2;
      const number = new DataView(random(8).buffer).getBigInt64(0);
      const data = encodeSignedData(layout, type, number, random(length));
      // The guard's verdict without the cost of its error.
      assertNoChallenge(data);
    }
  });

  it('refuses everything that is signed as a message, at the edges of its fields too [S28]', () => {
    const hyper = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    const layout = fc.constantFrom<Layout>('documented', 'deployed');
    fc.assert(
      fc.property(layout, fc.constantFrom(1, 2), hyper, fc.uint8Array({ maxLength: 200 }), (...message) => {
        const data = encodeSignedData(...message);
        expect(rule(data)).not.toBe(0);
        assertNoChallenge(data);
      }),
    );
  });

  it('looks from the other side too: what may be signed as a challenge is no message', () => {
    const challenge = plainChallenge(xorshift(1));
    expect(() => assertNoChallenge(challenge)).toThrow(expect.objectContaining({ code: 'E_STATE' }));
  });

  it('takes a mark only in 72 bytes', () => {
    const marked = (length: number) => {
      const bytes = new Uint8Array(length).fill(0xff);
      bytes.set(hex('7f5357317f535731'), 8);
      return bytes;
    };
    expect([71, 72, 73].map((length) => rule(marked(length)))).toEqual([5, 0, 5]);
  });
});

describe('a plain challenge', () => {
  it('has 32 random bytes, but for three', () => {
    const challenge = plainChallenge((length) => new Uint8Array(length).fill(1));
    expect(challenge).toHaveLength(32);
    expect(
      [...challenge].map((byte, index) => (byte === 0x7f ? index : -1)).filter((index) => index >= 0),
    ).toEqual([8, 12, 16]);
  });

  it('is never refused', () => {
    const random = xorshift(0xc0de);
    for (let run = 0; run < 20_000; run += 1) expect(rule(plainChallenge(random))).toBe(0);
    for (const byte of [0, 0x7b, 0x5b, 0x20, 0xff]) {
      expect(rule(plainChallenge((length) => new Uint8Array(length).fill(byte)))).toBe(0);
    }
  });

  it('leaves what the generator returned alone', () => {
    const random = new Uint8Array(32);
    plainChallenge(() => random);
    expect(random).toEqual(new Uint8Array(32));
  });
});
