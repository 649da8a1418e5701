import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJson, defaultMaxJsonDepth, encodeJson, jsonNumbers, SessionError } from '../src/index.js';
import { hex, text, utf8 } from './support/bytes.js';

const refused = expect.objectContaining({ name: 'SessionError', code: 'E_JSON' });

describe('decodeJson', () => {
  it('is the inverse of encodeJson', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large', maxDepth: 20 }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        fc.pre(!JSON.stringify(plain).includes('__proto__'));
        expect(decodeJson(encodeJson(plain))).toEqual(plain);
      }),
    );
  });

  it.each([
    ['invalid UTF-8', '22ff22'],
    ['an overlong slash', '22c0af22'],
    ['a surrogate in UTF-8', '22eda08022'],
    ['a byte order mark', 'efbbbf7b7d'],
    ['UTF-16', '7b007d00'],
    ['nothing', ''],
    ['white space only', '2020'],
  ])('refuses %s [S74]', (_, bytes) => {
    expect(() => decodeJson(hex(bytes))).toThrow(refused);
  });

  it.each([
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    '-1E+999',
    '[1,{"a":1e400}]',
    '9'.repeat(310),
    `[-${'9'.repeat(400)}.5]`,
    '1,',
    '[1,]',
    '{"a":1,}',
    '{} {}',
    '{"a":}',
    "{'a':1}",
    '01',
    '"\u0001"',
    '{"a":1',
    '"',
    '"\\',
    ']',
  ])('refuses %s [S74]', (json) => {
    expect(() => decodeJson(utf8(json))).toThrow(refused);
  });

  it.each([
    '1e308',
    '-1.5E-300',
    '5e-324',
    `9${'0'.repeat(307)}`,
    '"1e999"',
    '{"e1e999":"9"}',
    'true',
    'false',
    'null',
    '-0',
  ])('takes %s', (json) => {
    expect(decodeJson(utf8(json))).toEqual(JSON.parse(json));
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '[9007199254740993.0]',
    '{"a":[1,{"id":900719925474099.3e1}]}',
    '0.12345678901234567890',
    '4e-324',
    '1e-400',
    '18446744073709551615',
    '1.00000000000000000001',
    `0.${'1'.repeat(101)}`,
  ])(
    'refuses %s, which would be rounded, and takes its text or the nearest number on demand [S78, J4]',
    (json) => {
      const bytes = utf8(json);
      expect(() => decodeJson(bytes)).toThrow(refused);
      expect(() => decodeJson(bytes, { numbers: 'refuse' })).toThrow(/would be rounded/);
      expect(decodeJson(bytes, { numbers: 'round' })).toEqual(JSON.parse(json));
      const number = /-?\d[\d.e+-]{5,}/;
      expect(decodeJson(bytes, { numbers: 'text' })).toEqual(JSON.parse(json.replace(number, '"$&"')));
    },
  );

  it('keeps the text of exactly those numbers that would be rounded [S78, J4]', () => {
    const bytes = utf8(
      '{"é":9007199254740992, "b":[-9007199254740993,"9007199254740993",1e999,-0.5e1],"c":1E-999}',
    );
    expect(decodeJson(bytes, { numbers: 'text' })).toEqual({
      é: 9007199254740992,
      b: ['-9007199254740993', '9007199254740993', '1e999', -5],
      c: '1E-999',
    });
  });

  it.each([
    '09007199254740993',
    '[9007199254740993.]',
    '1e999.5',
    '[9007199254740993 1]',
    '--9007199254740993',
  ])('refuses %s, however numbers are read [S74]', (json) => {
    for (const numbers of jsonNumbers) expect(() => decodeJson(utf8(json), { numbers })).toThrow(refused);
  });

  it('refuses what is beyond the range of a double also where numbers are rounded', () => {
    expect(() => decodeJson(utf8('[-1e999]'), { numbers: 'round' })).toThrow(/beyond the range/);
  });

  it.each([
    '9007199254740992',
    '18446744073709551616',
    '18446744073709552000',
    '0.1',
    '0.10000000000000001',
    '0.1000000000000000055511151231257827',
    '0.30000000000000004',
    '1.10000000000000000000000000',
    '1e23',
    '1.7976931348623157e308',
    '2.2250738585072014E-308',
    '5e-324',
    '-0.0e-999',
    '0e999',
    `1${'0'.repeat(300)}`,
    `0.${'0'.repeat(300)}1`,
  ])('takes %s, which a double holds [S78, J4]', (json) => {
    expect(decodeJson(utf8(json))).toBe(JSON.parse(json));
  });

  it('takes every number that JavaScript writes, also with 17 digits [S78, J4]', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(decodeJson(encodeJson(value))).toBe(value === 0 ? 0 : value);
        expect(decodeJson(utf8(value.toExponential(16)))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('refuses an integer exactly when BigInt knows it to be another number [S78, J4]', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (value) => {
        const read = () => decodeJson(utf8(String(value)));
        // Zeros at the end are no digits: the double nearest to 18446744073709552000 is written so.
        const digits = String(value).replace(/0+$/, '').length;
        if (BigInt(Number(value)) === value) expect(read()).toBe(Number(value));
        else if (digits > 17) expect(read).toThrow(refused);
      }),
    );
  });

  it('takes a line of digits in time that grows with its length only', () => {
    const long = `1${'0'.repeat(1_000_000)}1`;
    expect(() => decodeJson(utf8(long))).toThrow(refused);
    expect(decodeJson(utf8(`0.${long}`), { numbers: 'text' })).toBe(`0.${long}`);
  });

  it('takes a nesting of 64 and refuses one more [S75]', () => {
    const nested = (open: string, close: string, depth: number) =>
      utf8(open.repeat(depth) + close.repeat(depth));
    expect(defaultMaxJsonDepth).toBe(64);
    expect(() => decodeJson(nested('[', ']', 64))).not.toThrow();
    expect(() => decodeJson(nested('[', ']', 65))).toThrow(refused);
    expect(() => decodeJson(utf8(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`))).toThrow(refused);
    expect(() => decodeJson(nested('[', ']', 3), { maxDepth: 2 })).toThrow(refused);
    expect(() => decodeJson(utf8(`[${'[],'.repeat(1000)}[]]`), { maxDepth: 2 })).not.toThrow();
  });

  it('refuses a million brackets at the 65th [S75, J2]', () => {
    expect(() => decodeJson(utf8('['.repeat(1_000_000)))).toThrow(/nested deeper than 64/);
  });

  it('does not count brackets in strings, behind escapes neither', () => {
    const value = ['['.repeat(100), '\\"[[', '"{{{', '\\', '\\\\"[', '', '"\\"{'];
    expect(decodeJson(utf8(JSON.stringify(value)), { maxDepth: 1 })).toEqual(value);
  });

  it.each([
    '{"__proto__":{"polluted":true}}',
    '[{"a":{"__proto__":1}}]',
    '{"\\u005f_proto__":{"polluted":true}}',
    '{"\\u005F\\u005f\\u0070roto__":1}',
    '{"__proto__":null}',
    '{"a":[[{"b":[0,{"\\u005f_proto__":[]}]}]]}',
  ])('refuses %s [S76]', (json) => {
    expect(() => decodeJson(utf8(json))).toThrow(/__proto__/);
    expect('polluted' in {}).toBe(false);
  });

  it('takes __proto__ as a value and constructor as a key [S76]', () => {
    expect(decodeJson(utf8('{"a":"__proto__","constructor":1}'))).toEqual({ a: '__proto__', constructor: 1 });
  });

  it('spends as little on a text with an escape, behind which the key could be [S76]', () => {
    const values = '['.repeat(50) + ']'.repeat(50);
    const list = Array(500).fill(values).join();
    const plain = utf8(`["a",${list}]`);
    const escaped = utf8(`["\\u0061",${list}]`);
    const time = (json: Uint8Array): number => {
      const start = performance.now();
      decodeJson(json);
      return performance.now() - start;
    };
    // Each at its best, because of what else the machine does: a call for each value takes ten times as long as parsing.
    const times = Array.from({ length: 30 }, () => [time(plain), time(escaped)] as const);
    const least = (which: 0 | 1): number => Math.min(...times.map((each) => each[which]));
    expect(least(1) / least(0)).toBeLessThan(3);
  });

  it('lets the last of equal keys win [S77, J3]', () => {
    expect(decodeJson(utf8('{"a":1,"a":2}'))).toEqual({ a: 2 });
  });

  it('never shows the payload in its errors', () => {
    for (const payload of [
      '{"secret":',
      'secret',
      '{"__proto__":"secret"}',
      '{"secret":1e999}',
      '{"secret":9007199254740993}',
    ]) {
      try {
        decodeJson(utf8(payload));
        expect.unreachable();
      } catch (error) {
        expect(error).toEqual(refused);
        expect(`${error}${(error as Error).cause}`).not.toContain('secret');
      }
    }
  });
});

describe('encodeJson', () => {
  it('writes UTF-8 without white space', () => {
    expect(
      text(encodeJson({ '@type': 'Note', text: 'ümläut ☃ 🚀', list: [1, null, true], gone: undefined })),
    ).toBe('{"@type":"Note","text":"ümläut ☃ 🚀","list":[1,null,true]}');
    expect(text(encodeJson({ at: new Date(0) }))).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
    expect(text(encodeJson('\ud800'))).toBe('"\\ud800"');
    expect(text(encodeJson([Object(1.5), Object('a'), Object(false)]))).toBe('[1.5,"a",false]');
  });

  it('writes what it has looked at', () => {
    let reads = 0;
    const shifty = {
      get price() {
        reads += 1;
        return reads === 1 ? 5 : Number.NaN;
      },
    };
    expect(text(encodeJson(shifty))).toBe('{"price":5}');
    expect(() => encodeJson(shifty)).toThrow(refused);
    reads = 0;
    expect(text(encodeJson({ at: new Date(0), shifty }))).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","shifty":{"price":5}}',
    );
  });

  it('tells no key of a cycle, and keeps what a toJSON throws', () => {
    const secret: { iban?: unknown } = {};
    secret.iban = { owner: secret };
    const fault = new TypeError('no price');
    const failing = {
      toJSON: () => {
        throw fault;
      },
    };
    const errorOf = (value: unknown): SessionError => {
      try {
        encodeJson(value);
      } catch (error) {
        if (error instanceof SessionError) return error;
      }
      throw new Error('it was written');
    };
    const { message, cause } = errorOf(secret);
    expect(`${message} ${cause instanceof Error ? cause.message : ''}`).not.toMatch(/iban|owner/);
    expect(errorOf(failing).cause).toBe(fault);
  });

  const cycle: { self?: unknown } = {};
  cycle.self = { cycle };
  let deep: unknown = [];
  for (let depth = 0; depth < 64; depth += 1) deep = [deep];

  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', { a: 1n }],
    ['a cycle', cycle],
    ['NaN', { price: Number.NaN }],
    ['Infinity', [Number.POSITIVE_INFINITY]],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN in a Number', Object(Number.NaN)],
    ['an infinity in a class of numbers', new (class Price extends Number {})(Number.POSITIVE_INFINITY)],
    ['a symbol in an object of its own', Object(Symbol('x'))],
    ['a bigint in an object of its own', Object(1n)],
    ['undefined in an array', [1, undefined]],
    ['a hole in an array', new Array(2)],
    ['a function in an object', { call: () => 1 }],
    ['a symbol in an object', { mark: Symbol('x') }],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
    ['a toJSON that returns nothing', { toJSON: () => undefined }],
    ['the key __proto__', JSON.parse('{"__proto__":1}')],
    ['65 levels', deep],
  ])('refuses %s, also within what is fit [S79]', (_, value) => {
    expect(() => encodeJson(value)).toThrow(refused);
    expect(() => encodeJson({ fit: true, list: [1, { deep: [value] }] })).toThrow(refused);
  });
});
