import { expect, it } from 'vitest';
import readme from '../README.md?raw';
import errors from '../src/errors.ts?raw';

it('the README lists every error code, and no other', () => {
  const union = errors.match(/type TransportErrorCode =([^;]+);/)?.[1] ?? '';
  const declared = union.match(/E_[A-Z_]+/g) ?? [];
  const listed = [...readme.matchAll(/^\| `(E_[A-Z_]+)` +\|/gm)].map(([, code]) => code);
  expect(declared.length).toBeGreaterThan(10);
  expect(listed.sort()).toEqual(declared.sort());
});
