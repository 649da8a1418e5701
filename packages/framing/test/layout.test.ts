import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  encodeSignedData,
  type Layout,
} from '../src/index.js';
import { hex, utf8 } from './support/bytes.js';
import { codeOf } from './support/errors.js';

const hyper = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const bytes = fc.uint8Array({ maxLength: 300 });
const layouts = fc.constantFrom<Layout>('documented', 'deployed');
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('frames of both layouts', () => {
  it('come back as they were, from a client, whether the layout is named or not', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.constantFrom(1, 2),
        hyper,
        bytes,
        bytes,
        (layout, type, number, json, signature) => {
          const data = encodeSignedData(layout, type, number, json);
          const plaintext = encodeClientFrame(layout, type, data, signature);
          const frame = { layout, type, number, json, data, signature };
          expect(decodeClientFrame(plaintext, layout)).toEqual(frame);
          expect(decodeClientFrame(plaintext, 'auto')).toEqual(frame);
        },
      ),
    );
  });

  it('come back as they were, from a server whose layout is named', () => {
    fc.assert(
      fc.property(
        layouts,
        hyper,
        finite,
        bytes,
        fc.string({ unit: 'grapheme' }),
        (layout, number, time, json, text) => {
          const well = text.replace(/\p{Cs}/gu, '');
          expect(decodeServerFrame(encodeServerMessage(layout, number, time, json), layout)).toEqual({
            layout,
            type: 1,
            order: number,
            timestamp: time,
            json,
          });
          expect(decodeServerFrame(encodeServerRpc(layout, number, json), layout)).toEqual({
            layout,
            type: 2,
            requestId: number,
            json,
          });
          expect(decodeServerFrame(encodeServerError(layout, well), layout)).toEqual({
            layout,
            type: 3,
            text: well,
          });
        },
      ),
    );
  });

  it('are told apart for every documented number, every deployed one below 2^35, and every REQUEST_ID of ours', () => {
    const numbers = fc.oneof(
      fc.bigInt({ min: -(1n << 63n), max: (1n << 35n) - 1n }),
      fc.bigInt({ min: 1n << 62n, max: (1n << 63n) - 1n }),
    );
    fc.assert(
      fc.property(numbers, finite, bytes, (number, time, json) => {
        for (const layout of ['documented', 'deployed'] as const) {
          expect(decodeServerFrame(encodeServerMessage(layout, number, time, json), 'auto').layout).toBe(
            layout,
          );
          expect(decodeServerFrame(encodeServerRpc(layout, number, json), 'auto').layout).toBe(layout);
        }
      }),
    );
    fc.assert(
      fc.property(hyper, finite, bytes, (number, time, json) => {
        const frame = encodeServerMessage('documented', number, time, json);
        expect(decodeServerFrame(frame, 'auto').layout).toBe('documented');
      }),
    );
  });

  it('are confused where the upper half of a deployed number is the length of what follows it', () => {
    const rpc = (number: bigint) => encodeServerRpc('deployed', number, utf8(''));
    // 8 bytes follow the upper half: the low half and the length of the JSON. The smallest number is 2^35.
    expect(codeOf(() => decodeServerFrame(rpc(1n << 35n), 'auto'))).toBe('E_MALFORMED');
    expect(decodeServerFrame(rpc((1n << 35n) - 1n), 'auto').layout).toBe('deployed');
    expect(decodeServerFrame(rpc(9n << 32n), 'auto').layout).toBe('deployed');
    expect(decodeServerFrame(rpc(1n << 35n), 'deployed')).toMatchObject({ requestId: 1n << 35n });
  });
});

describe('a frame that was cut', () => {
  it('is refused too when the layout is not known, but for one prefix of a documented MESSAGE', () => {
    const passed: number[] = [];
    const message = encodeServerMessage('documented', 7n, 1.5, utf8('{}'));
    for (const whole of [
      message,
      encodeServerRpc('documented', 7n, utf8('{}')),
      encodeServerError('documented', 'no'),
    ]) {
      for (let length = 0; length < whole.length; length += 1) {
        if (codeOf(() => decodeServerFrame(whole.subarray(0, length), 'auto')) === 'nothing')
          passed.push(length);
      }
    }
    // ORDER 24 * 2^32 and an empty JSON: one more reason to name the layout once it is known.
    expect(passed).toEqual([24]);
    expect(decodeServerFrame(message.subarray(0, 24), 'auto')).toMatchObject({
      layout: 'deployed',
      order: 24n << 32n,
    });
  });
});

describe('an ERROR of a layout that is not known', () => {
  it.each([
    ['an empty documented text', '000000030000000400000000', 'documented', ''],
    ['an empty deployed text', '0000000300000000', 'deployed', ''],
    ['a deployed text of four bytes', '000000030000000461626364', 'deployed', 'abcd'],
    [
      'an opaque inside whose length is one short',
      '0000000300000008000000056162630a',
      'deployed',
      '\0\0\0\x05abc\n',
    ],
    [
      'an opaque inside with a byte of padding that is not zero',
      '000000030000000800000001610a0a0a',
      'deployed',
      '\0\0\0\x01a\n\n\n',
    ],
    [
      'an opaque inside with bytes after it',
      '0000000300000008000000000a0a0a0a',
      'deployed',
      '\0\0\0\0\n\n\n\n',
    ],
    ['a text that begins with a length of 2^32 - 1', '0000000300000004ffffffff', undefined, undefined],
  ])('with %s', (_, plaintext, layout, text) => {
    if (layout === undefined) expect(codeOf(() => decodeServerFrame(hex(plaintext), 'auto'))).toBe('E_TEXT');
    else expect(decodeServerFrame(hex(plaintext), 'auto')).toEqual({ type: 3, layout, text });
  });

  it('is told apart for every text that does not begin like an XDR opaque', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite' }), (text) => {
        fc.pre(!text.startsWith('\0'));
        for (const layout of ['documented', 'deployed'] as const) {
          expect(decodeServerFrame(encodeServerError(layout, text), 'auto').layout).toBe(layout);
        }
      }),
    );
  });
});
