import { type Codec, codec } from '../codec.js';
import { within } from '../errors.js';
import { checkedLimit, MAX_LENGTH } from '../limits.js';

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

/**
 * The linked list of section 4.19, `struct *next` as the last field of `struct`, as an array: on the wire
 * a true before each element and a false at the end. Unlike recursion it is not bounded by `maxDepth`.
 */
export function linkedList<T>(element: Codec<T>, maxLength = MAX_LENGTH): Codec<T[]> {
  checkedLimit('maxLength', maxLength);
  return codec<T[]>(
    4,
    (writer, values) => {
      if (!Array.isArray(values)) writer.fail('E_TYPE', 'an array is needed');
      if (values.length > maxLength) writer.fail('E_LENGTH', `the list is longer than ${maxLength}`);
      let i = 0;
      try {
        for (; i < values.length; i += 1) {
          writer.bool(true);
          element.write(writer, values[i] as T);
        }
      } catch (error) {
        throw within(error, i);
      }
      writer.bool(false);
    },
    (reader) => {
      const values: T[] = [];
      try {
        while (reader.bool()) {
          if (values.length === maxLength) reader.fail('E_LENGTH', `the list is longer than ${maxLength}`);
          reader.request(8);
          values.push(element.read(reader));
        }
      } catch (error) {
        throw within(error, values.length);
      }
      return values;
    },
  );
}
