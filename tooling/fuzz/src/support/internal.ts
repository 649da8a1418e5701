import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { resolve } = createRequire(import.meta.url);

/**
 * A built module that its package does not export: readers of files and of options are not for users, but what they read
 * comes from outside all the same.
 */
export async function internal<T>(name: string, module: string): Promise<T> {
  return (await import(pathToFileURL(join(dirname(resolve(name)), module)).href)) as T;
}
