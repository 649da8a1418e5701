import { describe, expect, it } from 'vitest';
import readme from '../README.md?raw';
import * as xdr from '../src/index.js';

// The compiler holds this list and the union together, the test the list and the README.
const codes: Record<xdr.XdrErrorCode, true> = {
  E_TRUNCATED: true,
  E_TRAILING: true,
  E_PADDING: true,
  E_BOOL: true,
  E_ENUM: true,
  E_UNION: true,
  E_LENGTH: true,
  E_UTF8: true,
  E_DEPTH: true,
  E_MAX_BYTES: true,
  E_TYPE: true,
  E_RANGE: true,
  E_FULL: true,
  E_OPTION: true,
  E_CODEC: true,
};

describe('the README', () => {
  it('has a row for every error code and for no other', () => {
    const rows = [...readme.matchAll(/^\| `(E_\w+)` +\|/gm)].map((match) => match[1]);
    expect(rows.toSorted()).toEqual(Object.keys(codes).toSorted());
  });

  it('names everything that is exported', () => {
    for (const name of Object.keys(xdr)) expect(readme).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
