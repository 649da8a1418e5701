import { type Codec, codec } from '../codec.js';
import { XdrError } from '../errors.js';
import type { Reader } from '../reader.js';
import type { Writer } from '../writer.js';

/**
 * A codec that is looked up at its first use, so that a type can contain itself. Each level counts
 * against `maxDepth`. What it stands for must take at least 4 bytes, as every type does that can end its
 * own recursion.
 *
 * ```ts
 * interface Tree { name: string; children: Tree[] }
 * const tree: Codec<Tree> = struct({ name: string(), children: varArray(lazy(() => tree)) });
 * ```
 */
export function lazy<T>(resolve: () => Codec<T>): Codec<T> {
  let resolved: Codec<T> | undefined;
  const target = (): Codec<T> => {
    if (resolved === undefined) {
      const found = resolve();
      if (found.minSize < 4) throw new XdrError('E_CODEC', 'lazy needs a type of at least 4 bytes');
      resolved = found;
    }
    return resolved;
  };
  return codec(
    4,
    (writer, value) => {
      enter(writer);
      target().write(writer, value);
      writer.depth -= 1;
    },
    (reader) => {
      enter(reader);
      const value = target().read(reader);
      reader.depth -= 1;
      return value;
    },
  );
}

function enter(cursor: Reader | Writer): void {
  cursor.depth += 1;
  if (cursor.depth > cursor.maxDepth) cursor.fail('E_DEPTH', `deeper than ${cursor.maxDepth}`);
}
