import { type AnyCodec, type Codec, codec, type Infer } from '../codec.js';
import { within } from '../errors.js';
import { expectObject } from './object.js';

/** What may discriminate: the name of an enum's member, an int or unsigned int, a bool. */
export type Discriminant = string | number | boolean;

/** A discriminant as a property name: `true` is spelled `'true'`. */
type ArmKey<D extends Discriminant> = D extends boolean ? `${D}` : D;

/** The discriminants among `D` that the property names `K` spell. */
type Selects<D extends Discriminant, K> = D extends Discriminant
  ? ArmKey<D> extends K
    ? D
    : K extends ArmKey<D>
      ? K
      : never
  : never;

/** One arm; `value` may be left out if it may be `undefined`, as that of a void arm. */
type Arm<D, T> = [D] extends [never]
  ? never
  : undefined extends T
    ? { type: D; value?: T }
    : { type: D; value: T };

/** The codec of each arm, by the discriminant that selects it. */
export type Arms<D extends Discriminant> = { readonly [K in ArmKey<D>]?: AnyCodec };

/** The TypeScript union of all arms, told apart by `type`. */
export type UnionValue<D extends Discriminant, A, Otherwise> =
  | { [K in keyof A]: A[K] extends AnyCodec ? Arm<Selects<D, K>, Infer<A[K]>> : never }[keyof A]
  | (Otherwise extends AnyCodec ? Arm<Exclude<D, Selects<D, keyof A>>, Infer<Otherwise>> : never);

/**
 * Discriminated union (RFC 4506 section 4.15) as `{ type, value }`, where `type` is the discriminant.
 * A discriminant without an arm is refused in both directions, unless `otherwise` is given.
 */
export function union<
  D extends Discriminant,
  const A extends Arms<D>,
  Otherwise extends AnyCodec | undefined = undefined,
>(
  discriminant: Codec<D>,
  arms: A & { readonly [K in Exclude<keyof A, ArmKey<D>>]: never },
  otherwise?: Otherwise,
): Codec<UnionValue<D, A, Otherwise>> {
  const table = new Map(Object.entries(arms) as [string, Codec<unknown>][]);
  const fallback = otherwise as Codec<unknown> | undefined;
  return codec<{ type: D; value?: unknown }>(
    discriminant.minSize,
    (writer, union) => {
      expectObject(writer, union);
      let at = 'type';
      try {
        discriminant.write(writer, union.type);
        const arm = table.get(String(union.type)) ?? fallback;
        if (arm === undefined) return writer.fail('E_UNION', 'no such arm');
        at = 'value';
        arm.write(writer, union.value);
      } catch (error) {
        throw within(error, at);
      }
    },
    (reader) => {
      reader.request(16);
      let at = 'type';
      try {
        const start = reader.position;
        const type = discriminant.read(reader);
        const arm = table.get(String(type)) ?? fallback;
        if (arm === undefined) return reader.fail('E_UNION', 'no such arm', start);
        at = 'value';
        return { type, value: arm.read(reader) };
      } catch (error) {
        throw within(error, at);
      }
    },
  ) as AnyCodec as Codec<UnionValue<D, A, Otherwise>>;
}
