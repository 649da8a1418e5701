import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCopy } from '../src/plain-json.js';

const isPlain = (value: unknown, maxDepth: number): boolean => plainCopy(value, maxDepth) !== undefined;

describe('what is plain JSON', () => {
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
        const copy = plainCopy(value, 64);
        fc.pre(copy !== undefined);
        expect(JSON.parse(JSON.stringify(copy))).toEqual(withOneZero(value));
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('holds for every value that was read from JSON, but for the key __proto__', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(isPlain(JSON.parse(json), 64)).toBe(!json.includes('"__proto__":'));
      }),
    );
    expect(isPlain(JSON.parse('{"a":[{"__proto__":1}]}'), 64)).toBe(false);
  });

  it.each<readonly [string, unknown]>([
    ['an object with a class', new (class Price {})()],
    ['a toJSON', { toJSON: () => 1 }],
    ['a list with a toJSON', Object.assign([], { toJSON: () => 1 })],
    ['an object without a prototype, which may be fit', Object.create(null)],
    ['a list with a class', new (class Prices extends Array {})()],
    ['a list with a hole', Array(1)],
    ['NaN', Number.NaN],
    ['undefined', undefined],
  ])('does not hold for %s', (_, value) => {
    expect(isPlain(value, 64)).toBe(false);
    expect(isPlain([[value]], 64)).toBe(false);
  });

  it('is read once', () => {
    let reads = 0;
    const shifty = {
      get price() {
        reads += 1;
        return reads === 1 ? 5 : Number.NaN;
      },
    };
    expect(plainCopy([shifty, { shifty }], 64)).toBeUndefined();
    reads = 0;
    expect(JSON.stringify(plainCopy([{ shifty }], 64))).toBe('[{"shifty":{"price":5}}]');
    expect(reads).toBe(1);
  });

  it('has nothing of a prototype that somebody else has written to', () => {
    const alien = { value: {}, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(Object.prototype, 'alien', alien);
    const copy = plainCopy({ a: [{}] }, 64);
    Reflect.deleteProperty(Object.prototype, 'alien');
    expect(JSON.stringify(copy)).toBe('{"a":[{}]}');
  });

  it('counts levels', () => {
    expect(isPlain([{ a: [] }], 3)).toBe(true);
    expect(isPlain([{ a: [] }], 2)).toBe(false);
    expect(isPlain('text', 0)).toBe(true);
  });
});

/** JSON.stringify writes -0 as 0. */
function withOneZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withOneZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withOneZero(member)]));
}
