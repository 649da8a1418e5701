import { type Codec, codec } from '../codec.js';
import { XdrError } from '../errors.js';

/**
 * `enum` (RFC 4506 section 4.3) as the name of its member: `enumeration({ red: 2, yellow: 3 })` is a
 * `Codec<'red' | 'yellow'>`. Unknown numbers and names are refused. Two names cannot share a number,
 * because decoding could not tell which was meant.
 */
export function enumeration<Name extends string>(members: Readonly<Record<Name, number>>): Codec<Name> {
  const numbers = new Map<Name, number>();
  const names = new Map<number, Name>();
  for (const name in members) {
    const number = members[name];
    if ((number | 0) !== number || names.has(number)) {
      throw new XdrError('E_CODEC', `${name} needs an int of its own`);
    }
    numbers.set(name, number);
    names.set(number, name);
  }
  return codec(
    4,
    (writer, value) => {
      const number = numbers.get(value);
      if (number === undefined) return writer.fail('E_ENUM', 'unknown member');
      writer.int32(number);
    },
    (reader) => {
      const name = names.get(reader.int32());
      if (name === undefined) return reader.fail('E_ENUM', 'unknown member', reader.position - 4);
      return name;
    },
  );
}
