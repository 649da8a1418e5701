import { type Codec, codec } from '../codec.js';
import { checkedLimit, MAX_LENGTH } from '../limits.js';

/**
 * `string<maxLength>` (RFC 4506 section 4.11) as UTF-8, strict in both directions. `maxLength` counts
 * bytes, not characters; 2^32 - 1 by default.
 */
export function string(maxLength = MAX_LENGTH): Codec<string> {
  checkedLimit('maxLength', maxLength);
  return codec(
    4,
    (writer, value) => writer.string(value, maxLength),
    (reader) => reader.string(maxLength),
  );
}
