import type { Codec } from './codec.js';
import { Reader, type ReaderOptions } from './reader.js';
import { Writer, type WriterOptions } from './writer.js';

/** Limits of one encoding. */
export type EncodeOptions = Pick<WriterOptions, 'capacity' | 'maxBytes' | 'maxDepth'>;

/**
 * Encodes `value` into bytes of their own.
 *
 * @throws XdrError with the path of the field that the type or a limit does not allow.
 */
export function encode<T>(codec: Codec<T>, value: T, options?: EncodeOptions): Uint8Array<ArrayBuffer> {
  const writer = new Writer(options);
  codec.write(writer, value);
  return new Uint8Array(writer.bytes());
}

/**
 * Encodes `value` into `target` from `offset` on and returns how many bytes that took. Bytes outside of
 * them are not touched.
 *
 * @throws XdrError as `encode`, and `E_FULL` if the value does not fit. What was already written
 * is zeroed then, so that `target` never holds part of a value.
 */
export function encodeInto<T>(codec: Codec<T>, value: T, target: Uint8Array, offset = 0): number {
  const writer = new Writer({ target, offset });
  try {
    codec.write(writer, value);
  } catch (error) {
    writer.bytes().fill(0);
    throw error;
  }
  return writer.position;
}

/**
 * Decodes exactly one value that takes up all of `bytes`.
 *
 * @throws XdrError with the path and offset of what is malformed or beyond a limit, or `E_TRAILING`.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, options?: ReaderOptions): T {
  const reader = new Reader(bytes, options);
  const value = codec.read(reader);
  reader.end();
  return value;
}
