import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** Reads and writes one XDR type as the TypeScript type `T`. Any object of this shape composes. */
export interface Codec<T> {
  /**
   * The fewest bytes a value takes. Lets a variable array refuse a length the input cannot hold before
   * anything is allocated; state 0 if unsure.
   */
  readonly minSize: number;
  readonly write: (writer: Writer, value: T) => void;
  readonly read: (reader: Reader) => T;
}

/** What every `Codec<T>` is assignable to, whatever its `T`. */
export interface AnyCodec {
  readonly minSize: number;
  readonly write: (writer: Writer, value: never) => void;
  readonly read: (reader: Reader) => unknown;
}

/** The TypeScript type that a codec reads and writes: `type User = Infer<typeof user>`. */
export type Infer<C extends AnyCodec> = ReturnType<C['read']>;

/**
 * Makes a codec. All built-in ones come from here, so that they share one hidden class and the loops of
 * composite codecs stay monomorphic.
 */
export function codec<T>(
  minSize: number,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader) => T,
): Codec<T> {
  return { minSize, write, read };
}
