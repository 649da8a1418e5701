/**
 * Whether `value` is made of nothing but objects without a class, arrays, strings, finite numbers, booleans and null,
 * nested up to `maxDepth`: what JSON carries as it is. Cheap; what is not plain may still be fit for JSON.
 */
export function isPlainJson(value: unknown, maxDepth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || (maxDepth > 0 && !('toJSON' in value) && isPlainObject(value, maxDepth - 1));
    default:
      return false;
  }
}

function isPlainObject(value: object, maxDepth: number): boolean {
  if (Array.isArray(value)) {
    // By index, because the holes of an array count too.
    for (let index = 0; index < value.length; index += 1) {
      if (!isPlainJson(value[index], maxDepth)) return false;
    }
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    const member: unknown = value[key as keyof typeof value];
    if (key === '__proto__' || (member !== undefined && !isPlainJson(member, maxDepth))) return false;
  }
  return true;
}
