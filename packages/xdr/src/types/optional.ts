import { type Codec, codec } from '../codec.js';

/**
 * Optional-data, `type *name` (RFC 4506 section 4.19): `undefined` if absent. The type itself must not
 * take `undefined`, or absent and present could not be told apart.
 */
export function optional<T extends NonNullable<unknown>>(present: Codec<T>): Codec<T | undefined> {
  return codec<T | undefined>(
    4,
    (writer, value) => {
      writer.bool(value !== undefined);
      if (value !== undefined) present.write(writer, value);
    },
    (reader) => (reader.bool() ? present.read(reader) : undefined),
  );
}
