import { type Codec, codec } from '../codec.js';
import { within, XdrError } from '../errors.js';
import { checkedLimit, MAX_LENGTH } from '../limits.js';
import type { Reader } from '../reader.js';
import type { Writer } from '../writer.js';

/** `type name[length]` (RFC 4506 section 4.12): exactly `length` elements. */
export function array<T>(element: Codec<T>, length: number): Codec<T[]> {
  checkedLimit('length', length);
  return codec(
    length * element.minSize,
    (writer, value) => {
      checkArray(writer, value);
      if (value.length !== length) writer.fail('E_LENGTH', `expected ${length} elements`);
      writeElements(writer, element, value);
    },
    (reader) => readElements(reader, element, length),
  );
}

/**
 * `type name<maxLength>` (4.13): at most `maxLength` elements, 2^32 - 1 by default. Elements that take no
 * bytes need a stated `maxLength`, since the input's size does not bound their number.
 */
export function varArray<T>(element: Codec<T>, maxLength?: number): Codec<T[]> {
  if (maxLength === undefined && element.minSize === 0) {
    throw new XdrError('E_CODEC', 'elements of no size need a maxLength');
  }
  const limit = checkedLimit('maxLength', maxLength ?? MAX_LENGTH);
  return codec(
    4,
    (writer, value) => {
      checkArray(writer, value);
      writer.length(value.length, limit);
      writeElements(writer, element, value);
    },
    (reader) => readElements(reader, element, reader.length(limit, element.minSize)),
  );
}

function checkArray(writer: Writer, value: unknown): void {
  if (!Array.isArray(value)) writer.fail('E_TYPE', 'expected an array');
}

function writeElements<T>(writer: Writer, element: Codec<T>, values: readonly T[]): void {
  let i = 0;
  try {
    for (const value of values) {
      element.write(writer, value);
      i += 1;
    }
  } catch (error) {
    throw within(error, i);
  }
}

function readElements<T>(reader: Reader, element: Codec<T>, length: number): T[] {
  // Before the first is read: the elements of a long array may take no bytes.
  reader.request(8 * length);
  const values: T[] = [];
  try {
    while (values.length < length) values.push(element.read(reader));
  } catch (error) {
    throw within(error, values.length);
  }
  return values;
}
