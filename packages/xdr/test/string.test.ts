import { describe, expect, it } from 'vitest';
import { decode, encode, string } from '../src/index.js';
import { expectRefusal, hex, untyped } from './support.js';

describe('string', () => {
  it.each([
    ['', '00000000'],
    ['abc', '00000003 61626300'],
    ['\u00e9', '00000002 c3a90000'],
    ['\u20ac', '00000003 e282ac00'],
    ['\u{1f600}', '00000004 f09f9880'],
    ['\u0000', '00000001 00000000'],
    ['\ufeffx', '00000004 efbbbf78'],
  ])('codes %j as UTF-8', (value, bytes) => {
    expect(encode(string(), value)).toEqual(hex(bytes));
    expect(decode(string(), hex(bytes))).toBe(value);
  });

  it.each(['\ud800', '\udc00', 'a\ud800b', '\udc00\ud800', '\ud83d\ud83d\ude00', '\ude00\ud83d\ude00'])(
    'refuses the lone surrogate in %j',
    (value) => {
      expectRefusal(() => encode(string(), value), 'E_UTF8');
    },
  );

  it.each([
    ['a byte that begins nothing', 'ff000000'],
    ['a continuation alone', '80000000'],
    ['an overlong form', 'c0800000'],
    ['a surrogate', 'eda08000'],
    ['a code point above U+10FFFF', 'f4908080'],
    ['a sequence cut short', 'e2820000'],
  ])('refuses %s', (_, bytes) => {
    const length = bytes.replace(/(00)+$/, '').length / 2;
    expectRefusal(() => decode(string(), hex(`0000000${length}${bytes}`)), 'E_UTF8', '', 4);
  });

  it('counts its maximum in bytes', () => {
    expect(encode(string(3), '\u20ac')).toHaveLength(8);
    expectRefusal(() => encode(string(2), '\u20ac'), 'E_LENGTH');
    expectRefusal(() => encode(string(2), 'abc'), 'E_LENGTH');
    expectRefusal(() => decode(string(2), hex('00000003 61626300')), 'E_LENGTH', '', 0);
  });

  it('refuses what is not a string', () => {
    for (const value of [1, null, undefined, new Uint8Array(1)]) {
      expectRefusal(() => encode(string(), untyped(value)), 'E_TYPE');
    }
  });

  it('names no text in its errors', () => {
    expect(() => encode(string(2), 'secret')).toThrow(/^length above 2 \(byte 0\)$/);
  });
});
