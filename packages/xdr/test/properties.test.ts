import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  array,
  bool,
  type Codec,
  decode,
  double,
  encode,
  encodeInto,
  enumeration,
  float,
  hyper,
  int,
  lazy,
  nested,
  opaque,
  optional,
  quadruple,
  string,
  struct,
  union,
  unsignedHyper,
  unsignedInt,
  varArray,
  varOpaque,
  voidType,
  XdrError,
} from '../src/index.js';

/** A codec of some type with values of it. */
interface Sample {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

function sample<T>(name: string, codec: Codec<T>, values: fc.Arbitrary<T>): Sample {
  return { name, codec: codec as Codec<unknown>, values };
}

interface Tree {
  label: string;
  children: Tree[];
}
const tree: Codec<Tree> = struct({ label: string(), children: varArray(lazy(() => tree)) });
const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    label: fc.string(),
    children: fc.oneof({ maxDepth: 4 }, fc.constant<Tree[]>([]), fc.array(tie('tree'), { maxLength: 3 })),
  }),
})).tree;

const text = fc.string({ unit: 'binary', maxLength: 12 });
const kind = enumeration({ a: -1, b: 0, c: 7 });
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

const leaves: Sample[] = [
  sample('int', int, fc.integer()),
  sample('unsigned int', unsignedInt, fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  sample('hyper', hyper, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  sample('unsigned hyper', unsignedHyper, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  sample('float', float, fc.float()),
  sample('double', double, fc.double()),
  sample('quadruple', quadruple, bytes(16)),
  sample('bool', bool, fc.boolean()),
  sample('void', voidType, fc.constant(undefined)),
  sample('enumeration', kind, fc.constantFrom('a', 'b', 'c')),
  sample('opaque', opaque(5), bytes(5)),
  sample('variable opaque', varOpaque(9), fc.uint8Array({ maxLength: 9 })),
  sample('string', string(), text),
  sample('tree', tree, trees),
];

function compose(parts: readonly [Sample, Sample]): fc.Arbitrary<Sample> {
  const [one, two] = parts;
  const pair = struct({ one: one.codec, two: two.codec });
  const either = union(kind, { a: one.codec, b: two.codec }, voidType);
  const composites: Sample[] = [
    sample(
      'array',
      array(one.codec, 2),
      fc.tuple(
        one.values,
        two.values.chain(() => one.values),
      ),
    ),
    sample('variable array', varArray(one.codec, 3), fc.array(one.values, { maxLength: 3 })),
    sample('nested', nested(one.codec), one.values),
    sample('struct', pair, fc.record({ one: one.values, two: two.values })),
    sample(
      'optional',
      optional(pair),
      fc.option(fc.record({ one: one.values, two: two.values }), { nil: undefined }),
    ),
    sample(
      'union',
      either as Codec<unknown>,
      fc.oneof(
        fc.record({ type: fc.constant('a'), value: one.values }),
        fc.record({ type: fc.constant('b'), value: two.values }),
        fc.constant({ type: 'c', value: undefined }),
      ),
    ),
  ];
  return fc
    .constantFrom(...composites)
    .map((made) => ({ ...made, name: `${made.name}(${one.name}, ${two.name})` }));
}

const leaf = fc.constantFrom(...leaves);
const composed = fc
  .tuple(leaf, leaf)
  .chain(compose)
  .chain((first) =>
    fc.oneof(
      fc.constant(first),
      leaf.chain((second) => compose([first, second])),
    ),
  );
const withValue = (one: Sample) => one.values.map((value) => ({ ...one, value }));

describe('decode of encode', () => {
  it.each(leaves)('is the value: $name', ({ codec, values }) => {
    fc.assert(
      fc.property(values, (value) => {
        const encoded = encode(codec, value);
        expect(encoded.length % 4).toBe(0);
        expect(encoded.length).toBeGreaterThanOrEqual(codec.minSize);
        expect(decode(codec, encoded)).toEqual(value);
        expect(decode(codec, encoded, { copy: false })).toEqual(value);
      }),
    );
  });

  it('is the value: codecs composed at random', () => {
    fc.assert(
      fc.property(composed.chain(withValue), ({ codec, value }) => {
        const encoded = encode(codec, value, { capacity: 1 });
        expect(encoded.length).toBeGreaterThanOrEqual(codec.minSize);
        expect(decode(codec, encoded)).toEqual(value);

        const target = new Uint8Array(encoded.length + 8);
        expect(encodeInto(codec, value, target, 4)).toBe(encoded.length);
        expect(target.subarray(4, 4 + encoded.length)).toEqual(encoded);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('encode of decode', () => {
  const isCanonical = (codec: Codec<unknown>, input: Uint8Array): boolean => {
    let value: unknown;
    try {
      value = decode(codec, input);
    } catch (error) {
      if (error instanceof XdrError) return false;
      throw error;
    }
    expect(encode(codec, value)).toEqual(input);
    return true;
  };

  // Not float and double, whose NaNs JavaScript does not keep apart.
  const exact = leaves.filter(({ name }) => name !== 'float' && name !== 'double');

  it.each(exact)('is the input, if there is a value: $name [S73]', ({ codec, values }) => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const input = encode(codec, value);
        expect(isCanonical(codec, input)).toBe(true);
        if (input.length > 0) {
          input[at % input.length] = (input[at % input.length] ?? 0) ^ flip;
          isCanonical(codec, input);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('random bytes', () => {
  it('give a value or an XdrError with an offset within them, never anything else [S73]', () => {
    const codecs = fc.sample(composed, { numRuns: 100, seed: 4506 }).map(({ codec }) => codec);
    codecs.push(...leaves.map(({ codec }) => codec));
    let state = 4506;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    for (let run = 0; run < 100_000; run += 1) {
      const codec = codecs[run % codecs.length] as Codec<unknown>;
      const input = new Uint8Array(random(16) * 4 + (random(8) === 0 ? random(4) : 0));
      // Mostly small words, which are the lengths, flags and members that lead further in.
      for (let i = 0; i < input.length; i += 1)
        input[i] = i % 4 === 3 ? random(9) : random(8) === 0 ? random(256) : 0;
      try {
        decode(codec, input, { copy: run % 2 === 0, maxBytes: 4096 });
      } catch (error) {
        if (!(error instanceof XdrError)) throw error;
        if (!(error.offset >= 0 && error.offset <= input.length)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(10_000);
    expect(refused).toBeLessThan(100_000);
  });

  it('given as values are encoded or refused with an XdrError', () => {
    fc.assert(
      fc.property(
        composed,
        fc.anything({ withBigInt: true, withTypedArray: true, withDate: true }),
        ({ codec }, value) => {
          try {
            encode(codec, value, { maxBytes: 4096 });
          } catch (error) {
            expect(error).toBeInstanceOf(XdrError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
