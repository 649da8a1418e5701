import { describe, expect, it } from 'vitest';
import readme from '../README.md?raw';
import type { FramingErrorCode } from '../src/index.js';

/** The compiler refuses this record when a code is missing or unknown. */
const codes: Record<FramingErrorCode, true> = {
  E_MALFORMED: true,
  E_LIMIT: true,
  E_TYPE: true,
  E_TIMESTAMP: true,
  E_TEXT: true,
  E_FIELD: true,
};

describe('README', () => {
  it('lists every error code and no other', () => {
    const listed = [...readme.matchAll(/^\| `(E_[A-Z_]+)` +\|/gm)].map((row) => row[1]);
    expect(listed.sort()).toEqual(Object.keys(codes).sort());
  });
});
