import { describe, expect, it } from 'vitest';
import {
  bool,
  type Codec,
  decode,
  double,
  encode,
  enumeration,
  float,
  hyper,
  int,
  unsignedHyper,
  unsignedInt,
} from '../src/index.js';
import { expectRefusal, hex, untyped } from './support.js';

function both<T>(codec: Codec<T>, value: T, bytes: string): void {
  expect(encode(codec, value)).toEqual(hex(bytes));
  expect(decode(codec, hex(bytes))).toBe(value);
}

describe('int', () => {
  it.each([
    [0, '00000000'],
    [-1, 'ffffffff'],
    [1, '00000001'],
    [2147483647, '7fffffff'],
    [-2147483648, '80000000'],
  ])('codes %d', (value, bytes) => both(int, value, bytes));

  it.each([2147483648, -2147483649, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expectRefusal(() => encode(int, value), 'E_RANGE');
  });

  it.each([[1n], ['1'], [null], [undefined], [true], [{}], [Symbol('s')]])(
    'refuses what is not a number',
    (value) => {
      expectRefusal(() => encode(int, untyped(value)), 'E_TYPE');
    },
  );
});

describe('unsigned int', () => {
  it.each([
    [0, '00000000'],
    [4294967295, 'ffffffff'],
    [2147483648, '80000000'],
  ])('codes %d', (value, bytes) => both(unsignedInt, value, bytes));

  it.each([-1, 4294967296, 0.5])('refuses %d', (value) => {
    expectRefusal(() => encode(unsignedInt, value), 'E_RANGE');
  });
});

describe('hyper', () => {
  it.each([
    [0n, '0000000000000000'],
    [-1n, 'ffffffffffffffff'],
    [2n ** 63n - 1n, '7fffffffffffffff'],
    [-(2n ** 63n), '8000000000000000'],
    [0x0102030405060708n, '0102030405060708'],
    [2n ** 53n + 1n, '0020000000000001'],
  ])('codes %d [S71]', (value, bytes) => both(hyper, value, bytes));

  it.each([2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, 2n ** 200n])('refuses %d', (value) => {
    expectRefusal(() => encode(hyper, value), 'E_RANGE');
  });

  it.each([1, 2 ** 53 + 2, -(2 ** 63)])('refuses the number %d, even a small one [S71]', (value) => {
    expectRefusal(() => encode(hyper, untyped(value)), 'E_TYPE');
  });
});

describe('unsigned hyper', () => {
  it.each([
    [0n, '0000000000000000'],
    [2n ** 64n - 1n, 'ffffffffffffffff'],
    [2n ** 63n, '8000000000000000'],
  ])('codes %d', (value, bytes) => both(unsignedHyper, value, bytes));

  it.each([-1n, 2n ** 64n])('refuses %d', (value) => {
    expectRefusal(() => encode(unsignedHyper, value), 'E_RANGE');
  });

  it('refuses a number', () => {
    expectRefusal(() => encode(unsignedHyper, untyped(1)), 'E_TYPE');
  });
});

describe('float', () => {
  it.each([
    [0, '00000000'],
    [-0, '80000000'],
    [1, '3f800000'],
    [-2.5, 'c0200000'],
    [3.4028234663852886e38, '7f7fffff'],
    [1.401298464324817e-45, '00000001'],
    [Number.POSITIVE_INFINITY, '7f800000'],
    [Number.NEGATIVE_INFINITY, 'ff800000'],
    [Number.NaN, '7fc00000'],
  ])('codes %d', (value, bytes) => both(float, value, bytes));

  it('rounds to the nearest binary32', () => {
    expect(encode(float, 0.1)).toEqual(hex('3dcccccd'));
  });

  it('refuses a bigint', () => {
    expectRefusal(() => encode(float, untyped(1n)), 'E_TYPE');
  });
});

describe('double', () => {
  it.each([
    [0, '0000000000000000'],
    [-0, '8000000000000000'],
    [1, '3ff0000000000000'],
    [0.1, '3fb999999999999a'],
    [Number.MAX_VALUE, '7fefffffffffffff'],
    [Number.MIN_VALUE, '0000000000000001'],
    [Number.POSITIVE_INFINITY, '7ff0000000000000'],
    [Number.NEGATIVE_INFINITY, 'fff0000000000000'],
    [Number.NaN, '7ff8000000000000'],
  ])('codes %d', (value, bytes) => both(double, value, bytes));

  it('refuses a string', () => {
    expectRefusal(() => encode(double, untyped('1')), 'E_TYPE');
  });
});

describe('bool', () => {
  it.each([
    [false, '00000000'],
    [true, '00000001'],
  ])('codes %s', (value, bytes) => both(bool, value, bytes));

  it.each(['00000002', '01000000', 'ffffffff'])('refuses the word %s', (bytes) => {
    expectRefusal(() => decode(bool, hex(bytes)), 'E_BOOL', '', 0);
  });

  it('refuses 1 instead of true', () => {
    expectRefusal(() => encode(bool, untyped(1)), 'E_TYPE');
  });
});

describe('enumeration', () => {
  const colour = enumeration({ red: 2, yellow: 3, none: -1 });

  it.each([
    ['red', '00000002'],
    ['yellow', '00000003'],
    ['none', 'ffffffff'],
  ] as const)('codes %s', (value, bytes) => both(colour, value, bytes));

  it('refuses a number that no member has', () => {
    expectRefusal(() => decode(colour, hex('00000004')), 'E_ENUM', '', 0);
  });

  it.each([['blue'], [2], ['toString'], [undefined]])(
    'refuses %s, which is not the name of a member',
    (value) => {
      expectRefusal(() => encode(colour, untyped(value)), 'E_ENUM');
    },
  );

  it.each([{ a: 1, b: 1 }, { a: 1.5 }, { a: 2 ** 31 }] as Record<string, number>[])(
    'refuses the members %j',
    (members) => {
      expectRefusal(() => enumeration(members), 'E_CODEC');
    },
  );
});

describe('numbers of any type', () => {
  it.each([
    ['int', int, 4],
    ['unsigned int', unsignedInt, 4],
    ['bool', bool, 4],
    ['float', float, 4],
    ['hyper', hyper, 8],
    ['unsigned hyper', unsignedHyper, 8],
    ['double', double, 8],
  ] as [string, Codec<unknown>, number][])('refuse %s cut short or followed by more', (_, codec, size) => {
    for (let length = 0; length < size; length += 1) {
      expectRefusal(() => decode(codec, new Uint8Array(length)), 'E_TRUNCATED', '', 0);
    }
    for (let more = 1; more <= 4; more += 1) {
      expectRefusal(() => decode(codec, new Uint8Array(size + more)), 'E_TRAILING', '', size);
    }
  });
});
