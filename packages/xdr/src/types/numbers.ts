import { type Codec, codec } from '../codec.js';

/** `int` (RFC 4506 section 4.1): a whole number from -2^31 to 2^31 - 1. */
export const int: Codec<number> = codec(
  4,
  (writer, value) => writer.int32(value),
  (reader) => reader.int32(),
);

/** `unsigned int` (4.2): a whole number from 0 to 2^32 - 1. */
export const unsignedInt: Codec<number> = codec(
  4,
  (writer, value) => writer.uint32(value),
  (reader) => reader.uint32(),
);

/** `hyper` (4.5): a bigint from -2^63 to 2^63 - 1. Numbers are refused. */
export const hyper: Codec<bigint> = codec(
  8,
  (writer, value) => writer.int64(value),
  (reader) => reader.int64(),
);

/** `unsigned hyper` (4.5): a bigint from 0 to 2^64 - 1. Numbers are refused. */
export const unsignedHyper: Codec<bigint> = codec(
  8,
  (writer, value) => writer.uint64(value),
  (reader) => reader.uint64(),
);

/** `float` (4.6): IEEE 754 binary32; encoding rounds to the nearest. NaN and infinities are legal. */
export const float: Codec<number> = codec(
  4,
  (writer, value) => writer.float32(value),
  (reader) => reader.float32(),
);

/** `double` (4.7): IEEE 754 binary64. NaN and infinities are legal. */
export const double: Codec<number> = codec(
  8,
  (writer, value) => writer.float64(value),
  (reader) => reader.float64(),
);

/** `bool` (4.4): 0 or 1 on the wire, nothing else. */
export const bool: Codec<boolean> = codec(
  4,
  (writer, value) => writer.bool(value),
  (reader) => reader.bool(),
);
