import {
  type AnyCodec,
  array,
  bool,
  type Codec,
  decode,
  double,
  encode,
  enumeration,
  float,
  hyper,
  int,
  lazy,
  nested,
  opaque,
  optional,
  quadruple,
  Reader,
  string,
  struct,
  union,
  unsignedHyper,
  unsignedInt,
  varArray,
  varOpaque,
  voidType,
  type XdrErrorCode,
} from '@sealwire/xdr';
import { declared, Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule, ruleSameBytes } from '../engine/violation.js';
import { Script } from '../support/script.js';

const codes: Record<XdrErrorCode, true> = {
  E_TRUNCATED: true,
  E_TRAILING: true,
  E_PADDING: true,
  E_BOOL: true,
  E_ENUM: true,
  E_UNION: true,
  E_LENGTH: true,
  E_UTF8: true,
  E_DEPTH: true,
  E_MAX_BYTES: true,
  E_TYPE: true,
  E_RANGE: true,
  E_FULL: true,
  E_OPTION: true,
  E_CODEC: true,
};
const xdrErrors = declared('XdrError', Object.keys(codes));

interface Tree {
  name: string;
  children: Tree[];
}
const tree: Codec<Tree> = struct({ name: string(40), children: varArray(lazy(() => tree)) });
interface List {
  item: bigint;
  next?: List | undefined;
}
const list: Codec<List> = struct({ item: unsignedHyper, next: optional(lazy(() => list)) });
const color = enumeration({ red: 2, yellow: 3, blue: -5 });
const shape = union(color, { red: voidType, blue: struct({ side: int, name: string() }) }, varOpaque(12));

/** Every family of codecs; a byte chooses. */
const families: readonly AnyCodec[] = [
  struct({ type: color, number: hyper, json: varOpaque() }),
  struct({ a: int, b: unsignedInt, c: bool, d: opaque(5), e: string(30), f: quadruple }),
  array(struct({ on: bool, size: unsignedInt }), 3),
  varArray(struct({ id: int })),
  varArray(varOpaque(), 1_000),
  varArray(voidType, 64),
  varArray(array(hyper, 2)),
  shape,
  varArray(shape, 16),
  union(bool, { true: hyper, false: voidType }),
  union(int, { [-1]: string(), 0: voidType, 7: nested(shape) }),
  nested(struct({ inner: nested(varArray(int)), flag: bool }), 4_096),
  optional(struct({ text: string() })),
  tree,
  list,
  struct({ price: double, weight: float }),
  varArray(double),
];
/** What one of them decodes is given back to the same only. */
const schemas = families as readonly Codec<unknown>[];
const withFloats = 15;

/** A value in JavaScript is larger than its XDR: an empty opaque is 4 bytes on the wire and about 200 as a Uint8Array. */
const factor = 64;

export const xdrSchemas: Target = {
  name: 'xdr-schemas',
  sources: ['reader', 'coding', 'utf8', 'errors', 'bytes']
    .map((name) => `packages/xdr/dist/${name}.js`)
    .concat(
      [
        'array',
        'enumeration',
        'lazy',
        'numbers',
        'opaque',
        'optional',
        'string',
        'struct',
        'union',
        'void',
      ].map((name) => `packages/xdr/dist/types/${name}.js`),
    ),
  share: 2,
  seeds: () => [
    seed(0, { type: 'red', number: -1n, json: Uint8Array.of(1, 2, 3) }),
    seed(1, { a: -1, b: 7, c: true, d: new Uint8Array(5), e: 'é', f: new Uint8Array(16) }),
    seed(3, [{ id: 1 }, { id: 2 }]),
    seed(4, [Uint8Array.of(1), new Uint8Array(0)]),
    seed(5, [undefined, undefined]),
    seed(6, [[1n, 2n]]),
    seed(7, { type: 'blue', value: { side: 3, name: 'x' } }),
    seed(9, { type: true, value: 5n }),
    seed(10, { type: 7, value: { type: 'red' } }),
    seed(11, { inner: [1, 2, 3], flag: true }),
    seed(12, { text: 'abc' }),
    seed(13, { name: 'a', children: [{ name: 'b', children: [] }] }),
    seed(14, { item: 1n, next: { item: 2n } }),
    seed(15, { price: 0.5, weight: Number.NaN }),
    seed(16, [1.5, Number.NEGATIVE_INFINITY]),
    // Deeper than is accepted: a tree whose every node has one child, and a list.
    Uint8Array.of(13, ...Array<number[]>(300).fill([0, 0, 0, 0, 0, 0, 0, 1]).flat()),
    Uint8Array.of(14, ...Array<number[]>(300).fill([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]).flat()),
  ],
  run(input, probe) {
    const which = (input[0] ?? 0) % schemas.length;
    const codec = schemas[which] as Codec<unknown>;
    const bytes = input.subarray(1);
    const value = probe.call(bytes.length, xdrErrors, () => decode(codec, bytes), { factor });
    const viewed = probe.call(bytes.length, xdrErrors, () => decode(codec, bytes, { copy: false }), {
      factor,
    });
    if (value instanceof Refusal || viewed instanceof Refusal) {
      // A copy counts against maxBytes, which no input of this size reaches.
      const [one, other] = [value, viewed].map((each) => each instanceof Refusal && each.error.code);
      return rule(one === other, 'views and copies are refused alike');
    }
    const again = probe.call(bytes.length, undefined, () => encode(codec, value), { factor });
    rule(!(again instanceof Refusal), 'what was decoded can be encoded');
    ruleSameBytes(encode(codec, viewed), again, 'views and copies hold the same');
    // A NaN loses which of the many it was.
    if (which < withFloats || !hasNaN(value))
      ruleSameBytes(again, bytes, 'what was accepted encodes to the same bytes');
  },
};

function seed(which: number, value: unknown): Uint8Array {
  return Uint8Array.of(which, ...encode(schemas[which] as Codec<unknown>, value));
}

function hasNaN(value: unknown): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNaN);
}

/** Single calls of a reader in any order, next to a reader of four lines. */
export const xdrReader: Target = {
  name: 'xdr-reader',
  sources: ['packages/xdr/dist/reader.js', 'packages/xdr/dist/bytes.js', 'packages/xdr/dist/limits.js'],
  seeds: () => [
    Uint8Array.of(8, 0, 1, 2, 3, 4, 5, 6, 7, ...new Uint8Array(64)),
    Uint8Array.of(6, 8, 1, 7, 1, 9, 0, 10, 8, 0, 0, 0, 8, 0, 0, 0, 5, 97, 98, 99, 100, 101, 0, 0, 0),
  ],
  run(input, probe) {
    const steps = new Script(input.subarray(1, 1 + (input[0] ?? 0)));
    const bytes = input.subarray(1 + (input[0] ?? 0));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const reader = new Reader(bytes, { copy: steps.flag(), maxBytes: 4_096 });
    const marks: number[] = [];
    const done = probe.call(bytes.length, xdrErrors, () => {
      while (!steps.done) step(reader, steps, view, marks);
    });
    rule(reader.position <= bytes.length && reader.remaining >= 0, 'a reader stays within its bytes');
    if (!(done instanceof Refusal) && marks.length === 0) {
      rule(
        reader.position + reader.remaining === bytes.length,
        'what is read and what is left are all there is',
      );
    }
  },
};

function step(reader: Reader, steps: Script, view: DataView, marks: number[]): void {
  const at = reader.position;
  switch (steps.below(12)) {
    case 0:
      return rule(reader.int32() === view.getInt32(at), 'int is that of DataView');
    case 1:
      return rule(reader.uint32() === view.getUint32(at), 'unsigned int is that of DataView');
    case 2:
      return rule(reader.int64() === view.getBigInt64(at), 'hyper is that of DataView');
    case 3:
      return rule(reader.uint64() === view.getBigUint64(at), 'unsigned hyper is that of DataView');
    case 4:
      return rule(Object.is(reader.float32(), view.getFloat32(at)), 'float is that of DataView');
    case 5:
      return rule(Object.is(reader.float64(), view.getFloat64(at)), 'double is that of DataView');
    case 6:
      return rule(reader.bool() === (view.getUint32(at) === 1), 'bool is 0 or 1');
    case 7: {
      const length = steps.below(40);
      return rule(reader.opaque(length).length === length, 'a fixed opaque has its length');
    }
    case 8: {
      const most = steps.below(64);
      return rule(reader.varOpaque(most).length <= most, 'a variable opaque keeps its bound');
    }
    case 9:
      reader.string(steps.byte());
      return;
    case 10:
      marks.push(reader.openOpaque());
      return;
    case 11: {
      const mark = marks.pop();
      if (mark !== undefined) reader.closeOpaque(mark);
    }
  }
}
