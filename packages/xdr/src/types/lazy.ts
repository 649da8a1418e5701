import { type Codec, codec } from '../codec.js';
import { XdrError } from '../errors.js';

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
      if (found.minSize < 4) throw new XdrError('E_CODEC', 'lazy stands for a type that may take no bytes');
      resolved = found;
    }
    return resolved;
  };
  return codec(
    4,
    (writer, value) => {
      writer.enter();
      target().write(writer, value);
      writer.leave();
    },
    (reader) => {
      reader.enter();
      const value = target().read(reader);
      reader.leave();
      return value;
    },
  );
}
