import { describe, expect, test } from 'vitest';
import readme from '../README.md?raw';
import { clientErrorCodes } from '../src/index.js';

describe('README', () => {
  test('lists every error code, once, and no other', () => {
    const listed = [...readme.matchAll(/^\| `(E_[A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(listed.sort()).toEqual([...clientErrorCodes].sort());
  });
});
