import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainJson } from '../src/plain-json.js';

describe('isPlainJson', () => {
  it('holds only for what JSON carries without a loss', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anything), (value) => {
        fc.pre(isPlainJson(value, 64));
        expect(JSON.parse(JSON.stringify(value))).toEqual(withOneZero(value));
      }),
    );
  });

  it('holds for every value that was read from JSON, but for the key __proto__', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(isPlainJson(JSON.parse(json), 64)).toBe(!json.includes('"__proto__":'));
      }),
    );
    expect(isPlainJson(JSON.parse('{"a":[{"__proto__":1}]}'), 64)).toBe(false);
  });

  it.each<readonly [string, unknown]>([
    ['an object with a class', new (class Price {})()],
    ['a toJSON', { toJSON: () => 1 }],
    ['a list with a toJSON', Object.assign([], { toJSON: () => 1 })],
    ['an object without a prototype, which may be fit', Object.create(null)],
    ['NaN', Number.NaN],
    ['undefined', undefined],
  ])('does not hold for %s', (_, value) => {
    expect(isPlainJson(value, 64)).toBe(false);
    expect(isPlainJson([[value]], 64)).toBe(false);
  });

  it('counts levels', () => {
    expect(isPlainJson([{ a: [] }], 3)).toBe(true);
    expect(isPlainJson([{ a: [] }], 2)).toBe(false);
    expect(isPlainJson('text', 0)).toBe(true);
  });
});

/** JSON.stringify writes -0 as 0. */
function withOneZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withOneZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withOneZero(member)]));
}
