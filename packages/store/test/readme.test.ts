import { expect, it } from 'vitest';
import readme from '../README.md?raw';
import { ENTRY_COST, MEMORY_CLIENT_DEFAULTS, MEMORY_DEFAULTS, STORE_ERROR_CODES } from '../src/index.js';

/** Name and second cell of the rows that begin with a name in code. */
const rows = [...readme.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, name = '', cell = '']) => ({
  name,
  cell,
}));

it('has every error code in the table of the README, and no other', () => {
  const codes = rows.filter(({ name }) => name.startsWith('E_')).map(({ name }) => name);
  expect(codes).toEqual([...STORE_ERROR_CODES]);
});

it('has every bound with its default in the README, and no other', () => {
  const bounds = { ...MEMORY_DEFAULTS, ...MEMORY_CLIENT_DEFAULTS };
  const shown = Object.entries(bounds).map(([name, value]) => {
    const bytes = name.includes('Bytes');
    return {
      name,
      cell: bytes ? `${value / 2 ** 20} MiB` : value.toLocaleString('en').replace('∞', 'Infinity'),
    };
  });
  const listed = rows
    .filter(({ name }) => name.startsWith('max'))
    .map(({ name, cell }) => ({ name, cell: cell.replace(/ (per client|\(ms\))$/, '') }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(listed.sort(byName)).toEqual(shown.sort(byName));
  expect(readme).toContain(`counts ${ENTRY_COST} bytes`);
});
