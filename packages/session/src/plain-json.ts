/**
 * A copy of `value` if it is made of nothing but objects without a class, arrays, strings, finite numbers, booleans and
 * null, nested up to `maxDepth`: what JSON carries as it is. Each member is read once, so that a getter cannot show one
 * value to the check and another to the writer. Cheap; what is not plain may still be fit for JSON.
 *
 * @returns undefined for what is not plain
 */
export function plainCopy(value: unknown, maxDepth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'object':
      if (value === null) return null;
      return maxDepth > 0 ? copyOf(value, maxDepth - 1) : undefined;
    default:
      return undefined;
  }
}

function copyOf(value: object, maxDepth: number): object | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return prototype === Array.prototype ? copyOfList(value, maxDepth) : undefined;
  if (prototype !== Object.prototype) return undefined;
  const copy: { [key: string]: unknown } = { ...value };
  if ('toJSON' in copy) return undefined;
  for (const key of Object.keys(copy)) {
    const member = copy[key];
    if (key === '__proto__') return undefined;
    if (member === undefined) continue;
    const plain = plainCopy(member, maxDepth);
    if (plain === undefined) return undefined;
    if (plain !== member) copy[key] = plain;
  }
  return copy;
}

function copyOfList(value: readonly unknown[], maxDepth: number): unknown[] | undefined {
  if ('toJSON' in value) return undefined;
  // A hole becomes undefined, which is not plain.
  const copy = [...value];
  for (let index = 0; index < copy.length; index += 1) {
    const plain = plainCopy(copy[index], maxDepth);
    if (plain === undefined) return undefined;
    copy[index] = plain;
  }
  return copy;
}
