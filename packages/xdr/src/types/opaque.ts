import { paddingOf } from '../bytes.js';
import { type Codec, codec } from '../codec.js';
import { checkedLimit, MAX_LENGTH } from '../limits.js';

/** `opaque[length]` (RFC 4506 section 4.9): exactly `length` bytes. */
export function opaque(length: number): Codec<Uint8Array> {
  checkedLimit('length', length);
  return codec(
    length + paddingOf(length),
    (writer, value) => {
      writer.opaque(value, length);
    },
    (reader) => reader.opaque(length),
  );
}

/** `opaque<maxLength>` (4.10): at most `maxLength` bytes, 2^32 - 1 by default. */
export function varOpaque(maxLength = MAX_LENGTH): Codec<Uint8Array> {
  checkedLimit('maxLength', maxLength);
  return codec(
    4,
    (writer, value) => writer.varOpaque(value, maxLength),
    (reader) => reader.varOpaque(maxLength),
  );
}

/** `quadruple` (4.8): IEEE 754 binary128 as its 16 bytes, for which JavaScript has no number. */
export const quadruple: Codec<Uint8Array> = /* @__PURE__ */ opaque(16);

/**
 * An `opaque<maxLength>` whose content is the XDR of `inner` and nothing more. Written and read in
 * place, without an intermediate buffer.
 */
export function nested<T>(inner: Codec<T>, maxLength = MAX_LENGTH): Codec<T> {
  checkedLimit('maxLength', maxLength);
  return codec(
    4 + inner.minSize,
    (writer, value) => {
      const mark = writer.openOpaque();
      inner.write(writer, value);
      writer.closeOpaque(mark, maxLength);
    },
    (reader) => {
      const outer = reader.openOpaque(maxLength);
      const value = inner.read(reader);
      reader.closeOpaque(outer);
      return value;
    },
  );
}
