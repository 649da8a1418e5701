import { ClientError } from './errors.js';

/** @throws ClientError `E_OPTION` that names the option and says what it takes */
export function refuse(name: string, rule: string): never {
  throw new ClientError('E_OPTION', `the option ${name} ${rule}`);
}

/** @throws ClientError `E_OPTION` */
export function callable<T>(name: string, value: T): T {
  if (typeof value !== 'function') refuse(name, 'is a function');
  return value;
}

export function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** Without the keys whose value is undefined, which would hide a default. */
export function defined<T extends object>(options: T | undefined): T {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as T;
}

/** @throws ClientError `E_OPTION` */
export function wholes<T extends { readonly [name: string]: number }>(group: string, values: T): T {
  for (const [name, value] of Object.entries(values)) whole(`${group}.${name}`, value);
  return values;
}

/** @throws ClientError `E_OPTION` */
export function whole(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) refuse(name, 'is a whole number of at least 1');
  return value;
}
