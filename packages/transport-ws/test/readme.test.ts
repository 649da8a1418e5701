import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const here = (path: string) => new URL(path, import.meta.url);
const codesIn = (text: string) => text.match(/'E_[A-Z_]+'/g)?.map((code) => code.slice(1, -1)) ?? [];

it('the README lists every error code that is used here, and no other', () => {
  const sources = readdirSync(here('../src')).map((name) => readFileSync(here(`../src/${name}`), 'utf8'));
  // Thrown by checkClose of the transport package.
  const used = new Set([...sources.flatMap(codesIn), 'E_CLOSE_CODE']);
  const readme = readFileSync(here('../README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `(E_[A-Z_]+)` +\|/gm)].map(([, code]) => code);
  expect(listed.length).toBeGreaterThan(10);
  expect(listed.sort()).toEqual([...used].sort());
});
