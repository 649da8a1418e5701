import { type AnyCodec, type Codec, codec, type Infer } from '../codec.js';
import { within, XdrError } from '../errors.js';
import { expectObject } from './object.js';

/** The fields of a struct, in the order of the wire. */
export type Fields = Readonly<Record<string, AnyCodec>>;

/** The object type of a struct: fields that may be `undefined` (optional, void) may also be left out. */
export type StructValue<F extends Fields> = {
  -readonly [K in keyof F as undefined extends Infer<F[K]> ? never : K]: Infer<F[K]>;
} & {
  -readonly [K in keyof F as undefined extends Infer<F[K]> ? K : never]?: Infer<F[K]>;
} extends infer Value
  ? { [K in keyof Value]: Value[K] }
  : never;

/**
 * `struct` (RFC 4506 section 4.14): its fields in the order they are written here. Properties that are
 * not fields are ignored on encode.
 */
export function struct<const F extends Fields>(fields: F): Codec<StructValue<F>> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields) as Codec<unknown>[];
  for (const name of names) {
    // JavaScript moves integer-like keys to the front, and __proto__ would not become a property.
    if (/^\d/.test(name) || name === '__proto__') {
      throw new XdrError('E_CODEC', `bad field name ${name}`);
    }
  }
  const count = names.length;
  return codec<Record<string, unknown>>(
    codecs.reduce((size, field) => size + field.minSize, 0),
    (writer, value) => {
      expectObject(writer, value);
      let i = 0;
      try {
        for (; i < count; i += 1) codecs[i]!.write(writer, value[names[i]!]);
      } catch (error) {
        throw within(error, names[i]!);
      }
    },
    (reader) => {
      reader.request(8 * count);
      const value: Record<string, unknown> = {};
      let i = 0;
      try {
        for (; i < count; i += 1) value[names[i]!] = codecs[i]!.read(reader);
      } catch (error) {
        throw within(error, names[i]!);
      }
      return value;
    },
  ) as AnyCodec as Codec<StructValue<F>>;
}
