import { describe, expect, it } from 'vitest';
import {
  decode,
  encode,
  nested,
  opaque,
  quadruple,
  string,
  struct,
  unsignedInt,
  varOpaque,
} from '../src/index.js';
import { expectRefusal, hex, untyped } from './support.js';

describe('opaque', () => {
  it.each([
    [0, ''],
    [1, '01 000000'],
    [2, '0101 0000'],
    [3, '010101 00'],
    [4, '01010101'],
    [5, '0101010101 000000'],
  ])('pads %d bytes to a multiple of four', (length, bytes) => {
    const value = new Uint8Array(length).fill(1);
    expect(encode(opaque(length), value)).toEqual(hex(bytes));
    expect(decode(opaque(length), hex(bytes))).toEqual(value);
  });

  it.each([3, 5])('refuses %d bytes where 4 are declared', (length) => {
    expectRefusal(() => encode(opaque(4), new Uint8Array(length)), 'E_LENGTH');
  });

  it.each([[[1, 2, 3, 4]], ['abcd'], [undefined], [new Uint16Array(4)], [new DataView(new ArrayBuffer(4))]])(
    'refuses what are not bytes',
    (value) => {
      expectRefusal(() => encode(opaque(4), untyped(value)), 'E_TYPE');
      expectRefusal(() => encode(varOpaque(), untyped(value)), 'E_TYPE');
    },
  );

  it('refuses a length that is none', () => {
    for (const length of [-1, 1.5, 2 ** 32, Number.NaN]) expectRefusal(() => opaque(length), 'E_OPTION');
  });
});

describe('padding', () => {
  it.each([
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 2],
    [2, 3],
    [3, 3],
  ])('of %d bytes is refused if byte %d is 01 [S69]', (length, bad) => {
    const fixed = encode(opaque(length), new Uint8Array(length));
    fixed[bad] = 1;
    expectRefusal(() => decode(opaque(length), fixed), 'E_PADDING', '', bad);

    const variable = encode(varOpaque(), new Uint8Array(length));
    variable[4 + bad] = 1;
    expectRefusal(() => decode(varOpaque(), variable), 'E_PADDING', '', 4 + bad);
    expectRefusal(() => decode(string(), variable), 'E_PADDING', '', 4 + bad);
  });

  it('must be there', () => {
    expectRefusal(() => decode(varOpaque(), hex('00000001 07')), 'E_TRUNCATED', '', 4);
  });
});

describe('variable opaque', () => {
  it('has a length word', () => {
    expect(encode(varOpaque(), hex('0a0b0c'))).toEqual(hex('00000003 0a0b0c00'));
    expect(decode(varOpaque(), hex('00000003 0a0b0c00'))).toEqual(hex('0a0b0c'));
    expect(decode(varOpaque(), hex('00000000'))).toEqual(hex(''));
  });

  it('accepts its maximum and refuses one byte more', () => {
    const codec = varOpaque(3);
    expect(decode(codec, encode(codec, hex('010203')))).toEqual(hex('010203'));
    expectRefusal(() => encode(codec, hex('01020304')), 'E_LENGTH');
    expectRefusal(() => decode(codec, hex('00000004 01020304')), 'E_LENGTH', '', 0);
  });

  it('is a copy by default', () => {
    const bytes = hex('00000004 01020304');
    const value = decode(varOpaque(), bytes);
    bytes.fill(9);
    expect(value).toEqual(hex('01020304'));
    expect(value.buffer.byteLength).toBe(4);
  });

  it('is a view where asked', () => {
    const bytes = hex('00000004 01020304');
    const value = decode(varOpaque(), bytes, { copy: false });
    expect(value.buffer).toBe(bytes.buffer);
    bytes.fill(9);
    expect(value).toEqual(hex('09090909'));
  });

  it('is found in the middle of a larger buffer', () => {
    const bytes = hex('ffffffff 00000002 0102 0000 ffff').subarray(4, 12);
    expect(decode(varOpaque(), bytes)).toEqual(hex('0102'));
    expect(decode(varOpaque(), bytes, { copy: false }).byteOffset).toBe(bytes.byteOffset + 4);
  });
});

describe('quadruple', () => {
  it('is its 16 bytes', () => {
    const one = hex('3fff0000000000000000000000000000');
    expect(encode(quadruple, one)).toEqual(one);
    expect(decode(quadruple, one)).toEqual(one);
    expectRefusal(() => encode(quadruple, one.subarray(1)), 'E_LENGTH');
  });
});

describe('nested', () => {
  const inner = struct({ id: unsignedInt, name: string() });
  const outer = struct({ data: nested(inner, 16), more: unsignedInt });
  const value = { data: { id: 1, name: 'ab' }, more: 5 };
  const bytes = hex('0000000c 00000001 00000002 61620000 00000005');

  it('is an opaque that holds exactly one value', () => {
    expect(encode(outer, value)).toEqual(bytes);
    expect(decode(outer, bytes)).toEqual(value);
  });

  it('refuses bytes after the value, and a value that goes on after the opaque', () => {
    const longer = hex('00000010 00000001 00000002 61620000 00000005 00000005');
    expectRefusal(() => decode(outer, longer), 'E_TRAILING', 'data', 16);
    const shorter = hex('00000008 00000001 00000002 61620000 00000005');
    expectRefusal(() => decode(outer, shorter), 'E_TRUNCATED', 'data.name', 8);
  });

  it('refuses content longer than its maximum', () => {
    expectRefusal(() => encode(outer, { data: { id: 1, name: 'a'.repeat(9) }, more: 0 }), 'E_LENGTH', 'data');
    expectRefusal(() => decode(outer, hex('00000014')), 'E_LENGTH', 'data', 0);
  });
});
