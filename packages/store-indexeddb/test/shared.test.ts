import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it.each(['image.ts', 'group-commit.ts', 'durable-state.ts'])(
  '%s is the one of store-file, so that what is mended there is mended here',
  (name) => expect(read(`../src/${name}`)).toBe(read(`../../store-file/src/${name}`)),
);
