import { describe, expect, it } from 'vitest';
import {
  array,
  bool,
  type Codec,
  decode,
  encode,
  enumeration,
  int,
  lazy,
  optional,
  string,
  struct,
  union,
  unsignedInt,
  varArray,
  voidType,
} from '../src/index.js';
import { expectRefusal, hex, untyped } from './support.js';

describe('void', () => {
  it('has no bytes', () => {
    expect(encode(voidType, undefined)).toHaveLength(0);
    expect(decode(voidType, hex(''))).toBeUndefined();
  });

  it('refuses a value', () => {
    expectRefusal(() => encode(voidType, untyped(null)), 'E_TYPE');
  });
});

describe('array', () => {
  it('is its elements', () => {
    expect(encode(array(int, 2), [1, 2])).toEqual(hex('00000001 00000002'));
    expect(decode(array(int, 2), hex('00000001 00000002'))).toEqual([1, 2]);
  });

  it('refuses another number of elements', () => {
    expectRefusal(() => encode(array(int, 2), [1]), 'E_LENGTH');
    expectRefusal(() => encode(array(int, 2), [1, 2, 3]), 'E_LENGTH');
    expectRefusal(() => decode(array(int, 2), hex('00000001')), 'E_TRUNCATED', '[1]', 4);
  });

  it.each([[undefined], [{ length: 2 }], ['ab'], [new Int32Array(2)]])(
    'refuses what is not an array',
    (value) => {
      expectRefusal(() => encode(array(int, 2), untyped(value)), 'E_TYPE');
      expectRefusal(() => encode(varArray(int), untyped(value)), 'E_TYPE');
    },
  );

  it('refuses a hole', () => {
    const holes = new Array<number>(2);
    expectRefusal(() => encode(array(int, 2), holes), 'E_TYPE', '[0]');
  });
});

describe('variable array', () => {
  it('has a count', () => {
    expect(encode(varArray(int), [7])).toEqual(hex('00000001 00000007'));
    expect(decode(varArray(int), hex('00000001 00000007'))).toEqual([7]);
    expect(decode(varArray(int), hex('00000000'))).toEqual([]);
  });

  it('refuses more elements than its maximum', () => {
    expectRefusal(() => encode(varArray(int, 1), [1, 2]), 'E_LENGTH');
    expectRefusal(() => decode(varArray(int, 1), hex('00000002 00000001 00000002')), 'E_LENGTH', '', 0);
  });

  it('needs a maximum for elements of no size', () => {
    expectRefusal(() => varArray(voidType), 'E_CODEC');
    expectRefusal(() => varArray(struct({ a: voidType })), 'E_CODEC');
    expectRefusal(() => varArray(array(int, 0)), 'E_CODEC');
    expect(decode(varArray(voidType, 3), hex('00000003'))).toEqual([undefined, undefined, undefined]);
    expectRefusal(() => decode(varArray(voidType, 3), hex('00000004')), 'E_LENGTH');
  });
});

describe('struct', () => {
  const point = struct({ y: int, x: int });

  it('has its fields in the order of their declaration', () => {
    expect(encode(point, { x: 1, y: 2 })).toEqual(hex('00000002 00000001'));
    expect(decode(point, hex('00000002 00000001'))).toEqual({ y: 2, x: 1 });
  });

  it('names the field that is missing or wrong', () => {
    expectRefusal(() => encode(point, untyped({ y: 2 })), 'E_TYPE', 'x', 4);
    expectRefusal(() => decode(point, hex('00000002 0000')), 'E_TRUNCATED', 'x', 4);
  });

  it.each([[null], [undefined], [3]])('refuses %s', (value) => {
    expectRefusal(() => encode(point, untyped(value)), 'E_TYPE');
  });

  it('refuses names whose order or meaning JavaScript would change', () => {
    expectRefusal(() => struct({ 2: int, 1: int }), 'E_CODEC');
    expectRefusal(() => struct({ ['__proto__']: int }), 'E_CODEC');
  });

  it('may leave out a field that may be undefined', () => {
    const codec = struct({ a: optional(int), b: voidType });
    expect(encode(codec, {})).toEqual(hex('00000000'));
    expect(decode(codec, hex('00000000'))).toEqual({ a: undefined, b: undefined });
  });
});

describe('union', () => {
  const kind = enumeration({ none: 0, some: 1, other: 2 });
  const shape = union(kind, { none: voidType, some: int });

  it('is its discriminant and the arm it selects', () => {
    expect(encode(shape, { type: 'some', value: 5 })).toEqual(hex('00000001 00000005'));
    expect(encode(shape, { type: 'none' })).toEqual(hex('00000000'));
    expect(decode(shape, hex('00000001 00000005'))).toEqual({ type: 'some', value: 5 });
    expect(decode(shape, hex('00000000'))).toEqual({ type: 'none', value: undefined });
  });

  it('refuses a discriminant without an arm', () => {
    expectRefusal(() => decode(shape, hex('00000002')), 'E_UNION', 'type', 0);
    expectRefusal(() => encode(shape, untyped({ type: 'other' })), 'E_UNION', 'type');
  });

  it('refuses an unknown discriminant', () => {
    expectRefusal(() => decode(shape, hex('00000009')), 'E_ENUM', 'type', 0);
    expectRefusal(() => encode(shape, untyped({ type: 'toString' })), 'E_ENUM', 'type');
  });

  it.each([[null], [undefined], ['some']])('refuses %s', (value) => {
    expectRefusal(() => encode(shape, untyped(value)), 'E_TYPE');
  });

  it('falls back to the default arm', () => {
    const codec = union(kind, { none: voidType }, int);
    expect(encode(codec, { type: 'other', value: 5 })).toEqual(hex('00000002 00000005'));
    expect(decode(codec, hex('00000002 00000005'))).toEqual({ type: 'other', value: 5 });
  });

  it('is discriminated by int, unsigned int and bool as well', () => {
    const byInt = union(int, { [-1]: int, 0: voidType });
    expect(encode(byInt, { type: -1, value: 5 })).toEqual(hex('ffffffff 00000005'));
    expect(decode(byInt, hex('00000000'))).toEqual({ type: 0, value: undefined });
    expectRefusal(() => decode(byInt, hex('00000001')), 'E_UNION', 'type');

    const byUnsigned = union(unsignedInt, { 4294967295: bool });
    expect(decode(byUnsigned, hex('ffffffff 00000001'))).toEqual({ type: 4294967295, value: true });

    const byBool = union(bool, { true: int, false: voidType });
    expect(encode(byBool, { type: true, value: 5 })).toEqual(hex('00000001 00000005'));
    expect(decode(byBool, hex('00000000'))).toEqual({ type: false, value: undefined });
  });
});

describe('optional', () => {
  it('is a bool and the value', () => {
    expect(encode(optional(int), undefined)).toEqual(hex('00000000'));
    expect(encode(optional(int), 5)).toEqual(hex('00000001 00000005'));
    expect(decode(optional(int), hex('00000000'))).toBeUndefined();
    expect(decode(optional(int), hex('00000001 00000005'))).toBe(5);
  });

  it('refuses a flag that is neither 0 nor 1', () => {
    expectRefusal(() => decode(optional(int), hex('00000002 00000005')), 'E_BOOL');
  });

  it('refuses null', () => {
    expectRefusal(() => encode(optional(int), untyped(null)), 'E_TYPE');
  });
});

interface Entry {
  item: string;
  next?: Entry | undefined;
}
const entry: Codec<Entry> = struct({ item: string(), next: optional(lazy(() => entry)) });

describe('lazy', () => {
  it('makes a linked list', () => {
    const list: Entry = { item: 'a', next: { item: 'b', next: undefined } };
    const bytes = hex('00000001 61000000 00000001 00000001 62000000 00000000');
    expect(encode(entry, list)).toEqual(bytes);
    expect(decode(entry, bytes)).toEqual(list);
  });

  it('names the whole path', () => {
    const bytes = hex('00000001 61000000 00000001 00000001 62000001 00000000');
    expectRefusal(() => decode(entry, bytes), 'E_PADDING', 'next.item', 19);
  });

  it('makes a tree', () => {
    interface Tree {
      children: Tree[];
    }
    const tree: Codec<Tree> = struct({ children: varArray(lazy(() => tree)) });
    const value = { children: [{ children: [] }, { children: [{ children: [] }] }] };
    expect(decode(tree, encode(tree, value))).toEqual(value);
  });

  it('bounds an array of a type without bytes by the input', () => {
    const codec = varArray(lazy(() => voidType));
    expect(decode(codec, hex('00000000'))).toEqual([]);
    expectRefusal(() => decode(codec, hex('00000001')), 'E_TRUNCATED', '', 0);
  });
});

describe('the path of an error', () => {
  const codec = struct({ entries: varArray(struct({ name: string(4), tags: varArray(varArray(int)) })) });

  it('leads through fields and indices', () => {
    const entries = [
      { name: 'a', tags: [] },
      { name: 'b', tags: [[1], [1, 2.5]] },
    ];
    expectRefusal(() => encode(codec, { entries }), 'E_RANGE', 'entries[1].tags[1][1]', 44);
  });

  it('stands in the message with the offset', () => {
    expect(() => decode(codec, hex('00000001 00000005 00000000'))).toThrow(
      'entries[0].name: length above 4 (byte 4)',
    );
  });
});
