import { STORE_ERROR_CODES } from '@sealwire/store';
import { expect, it } from 'vitest';
import readme from '../README.md?raw';
import { LMDB_DEFAULTS, ROW_COST } from '../src/index.js';
import { KIND } from '../src/keys.js';

const rows = [...readme.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, name = '', cell = '']) => ({
  name,
  cell,
}));

it('has every error code in the table of the README, and no other', () => {
  const codes = rows.filter(({ name }) => name.startsWith('E_')).map(({ name }) => name);
  expect(codes).toEqual([...STORE_ERROR_CODES]);
});

it('has every bound with its default in the README, and no other', () => {
  const shown = Object.entries(LMDB_DEFAULTS).map(([name, value]) => {
    if (!/Bytes|Size/.test(name)) return [name, value.toLocaleString('en').replace('∞', 'Infinity')];
    return [name, value >= 2 ** 30 ? `${value / 2 ** 30} GiB` : `${value / 2 ** 20} MiB`];
  });
  const listed = rows
    .filter(({ name }) => name.startsWith('max'))
    .map(({ name, cell }) => [name, cell.replace(/ (per client|\(ms\))$/, '')]);
  expect(listed).toEqual(shown);
  expect(readme).toContain(`counts ${ROW_COST} bytes`);
});

it('has every kind of row in the README', () => {
  const listed = [...readme.matchAll(/^\| (\d) [a-z ]+\|/gm)].map(([, kind]) => Number(kind));
  expect(listed).toEqual(Object.values(KIND));
});
