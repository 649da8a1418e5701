import { describe, expectTypeOf, it } from 'vitest';
import {
  array,
  bool,
  type Codec,
  type double,
  enumeration,
  hyper,
  type Infer,
  int,
  nested,
  opaque,
  optional,
  string,
  struct,
  union,
  varArray,
  varOpaque,
  voidType,
} from '../src/index.js';

// Checked by the compiler: the assertions do nothing at run time.
describe('the inferred type', () => {
  it('of simple codecs', () => {
    expectTypeOf<Infer<typeof int>>().toEqualTypeOf<number>();
    expectTypeOf<Infer<typeof hyper>>().toEqualTypeOf<bigint>();
    expectTypeOf<Infer<typeof double>>().toEqualTypeOf<number>();
    expectTypeOf<Infer<typeof bool>>().toEqualTypeOf<boolean>();
    expectTypeOf<Infer<typeof voidType>>().toEqualTypeOf<undefined>();
    expectTypeOf(string(3)).toEqualTypeOf<Codec<string>>();
    expectTypeOf(opaque(3)).toEqualTypeOf<Codec<Uint8Array>>();
    expectTypeOf(varArray(array(int, 3))).toEqualTypeOf<Codec<number[][]>>();
    expectTypeOf(optional(hyper)).toEqualTypeOf<Codec<bigint | undefined>>();
    expectTypeOf(nested(hyper)).toEqualTypeOf<Codec<bigint>>();
    expectTypeOf(enumeration({ red: 0, green: 1 })).toEqualTypeOf<Codec<'red' | 'green'>>();
  });

  it('of a struct has the fields that may be undefined as optional', () => {
    const codec = struct({ id: hyper, name: optional(string()), data: varOpaque() });
    expectTypeOf<Infer<typeof codec>>().toEqualTypeOf<{
      id: bigint;
      data: Uint8Array;
      name?: string | undefined;
    }>();
  });

  it('of a union is a discriminated union', () => {
    const kind = enumeration({ text: 0, data: 1, exec: 2 });
    const codec = union(kind, { text: voidType, data: string() }, int);
    expectTypeOf<Infer<typeof codec>>().toEqualTypeOf<
      { type: 'text'; value?: undefined } | { type: 'data'; value: string } | { type: 'exec'; value: number }
    >();
  });

  it('of a union by bool or int', () => {
    const byBool = union(bool, { true: int, false: voidType });
    expectTypeOf<Infer<typeof byBool>>().toEqualTypeOf<
      { type: true; value: number } | { type: false; value?: undefined }
    >();
    const byInt = union(int, { 0: voidType, 1: hyper });
    expectTypeOf<Infer<typeof byInt>>().toEqualTypeOf<
      { type: 0; value?: undefined } | { type: 1; value: bigint }
    >();
  });

  it('refuses what would be ambiguous or unknown', () => {
    // @ts-expect-error: absent and present could not be told apart
    optional(voidType);
    // @ts-expect-error: likewise
    optional(optional(int));
    // @ts-expect-error: not a member of the enum
    union(enumeration({ a: 0 }), { a: int, b: int });
    // @ts-expect-error: a hyper is a bigint
    expectTypeOf<Infer<typeof hyper>>().toEqualTypeOf<number>();
  });
});
