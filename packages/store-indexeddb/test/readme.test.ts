import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { INDEXEDDB_STATE_DEFAULTS } from '../src/index.js';

const here = (path: string) => new URL(path, import.meta.url);
const readme = readFileSync(here('../README.md'), 'utf8');

it('the README lists every error code that is used here, and no other', () => {
  const own = readdirSync(here('../src')).map((name) => `../src/${name}`);
  const shared = ['client-image', 'durable-client-state'].map((name) => `../../store/src/${name}.ts`);
  const sources = [...own, ...shared].map((path) => readFileSync(here(path), 'utf8'));
  const used = new Set(sources.flatMap((text) => text.match(/(?<=')E_[A-Z_]+(?=')/g) ?? []));
  const listed = [...readme.matchAll(/^\| `(E_[A-Z_]+)` +\|/gm)].map(([, code]) => code);
  expect(listed.length).toBeGreaterThan(5);
  expect(listed.sort()).toEqual([...used].sort());
});

it('the README lists every option with its default, and no other', () => {
  const shown = Object.entries(INDEXEDDB_STATE_DEFAULTS).map(([name, value]) => [
    name,
    name.endsWith('Bytes')
      ? `${value / 2 ** 20} MiB`
      : value.toLocaleString('en') + (name === 'lockTimeout' ? ' ms' : ''),
  ]);
  const listed = [...readme.matchAll(/^\| `([a-z]\w+)` +\| ([^|]*?) +\|/gm)].map(([, name, cell]) => [
    name,
    cell,
  ]);
  expect(listed).toEqual(shown);
});
