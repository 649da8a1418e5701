import { type Codec, codec } from '../codec.js';
import type { Reader } from '../reader.js';
import type { Writer } from '../writer.js';

/**
 * A codec that is looked up at each use, so that a type can contain itself. Each level counts against
 * `maxDepth`. What it stands for must take at least 4 bytes, as every type does that can end its own
 * recursion.
 *
 * ```ts
 * interface Tree { name: string; children: Tree[] }
 * const tree: Codec<Tree> = struct({ name: string(), children: varArray(lazy(() => tree)) });
 * ```
 */
export function lazy<T>(resolve: () => Codec<T>): Codec<T> {
  return codec(
    4,
    (writer, value) => {
      enter(writer);
      resolve().write(writer, value);
      writer.depth -= 1;
    },
    (reader) => {
      enter(reader);
      const value = resolve().read(reader);
      reader.depth -= 1;
      return value;
    },
  );
}

function enter(cursor: Reader | Writer): void {
  cursor.depth += 1;
  if (cursor.depth > cursor.maxDepth) cursor.fail('E_DEPTH', `deeper than ${cursor.maxDepth}`);
}
