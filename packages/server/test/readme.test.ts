import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultFailedHandshakeLimits } from '../src/failed-handshakes.js';
import { defaultServerLimits, SERVER_ERROR_CODES } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('lists every error code, and no other', () => {
    const listed = [...readme.matchAll(/^\| `(E_\w+)` +\|/gm)].map(([, code]) => code);
    expect(listed).toEqual([...SERVER_ERROR_CODES]);
  });

  it('lists every limit with its default', () => {
    const listed = [...readme.matchAll(/^\| `((?:max|batch|patience)\w+)` +\| ([^|]+?) +\|/gm)];
    const { maxAddresses } = defaultFailedHandshakeLimits;
    const { maxRsaOperations: _, ...numbers } = { ...defaultServerLimits, maxAddresses };
    const rows = listed.flatMap(([, name, value]) =>
      name === 'maxRsaOperations' ? [] : [[name, Number(value)]],
    );
    expect(Object.fromEntries(rows)).toEqual(numbers);
  });
});
