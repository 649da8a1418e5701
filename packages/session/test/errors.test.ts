import { describe, expect, it } from 'vitest';
import readme from '../README.md?raw';
import { closeCodes, SessionError, type SessionErrorCode } from '../src/index.js';

/** The compiler refuses this record when a code is missing or unknown. */
const codes: Record<SessionErrorCode, true> = {
  E_HANDSHAKE: true,
  E_CHALLENGE_REFUSED: true,
  E_TAG: true,
  E_UNHARDENED: true,
  E_DEADLINE: true,
  E_SILENT: true,
  E_FRAME: true,
  E_CRYPTO: true,
  E_TEXT_FRAME: true,
  E_SEQUENCE: true,
  E_ORDER: true,
  E_REQUEST_ID: true,
  E_JSON: true,
  E_OVERFLOW: true,
  E_STATE: true,
};

describe('README', () => {
  it('lists every error code and no other', () => {
    const listed = [...readme.matchAll(/^\| `(E_[A-Z_]+)` +\|/gm)].map((row) => row[1]);
    expect(listed.sort()).toEqual(Object.keys(codes).sort());
  });

  it('lists every close code and no other, with what a client does', () => {
    const listed = [...readme.matchAll(/^\| (\d{4}) +\| ([a-z ]+?) +\|/gm)].map((row) => [row[1], row[2]]);
    const expected = Object.entries(closeCodes).map(([code, { retry }]) => [code, retry.replace('-', ' ')]);
    expect(listed).toEqual(expected);
  });
});

describe('SessionError', () => {
  it('has a name, a code and a cause', () => {
    const cause = new Error('why');
    const error = new SessionError('E_STATE', 'no', { cause });
    expect(error).toMatchObject({ name: 'SessionError', code: 'E_STATE', message: 'no', cause });
    expect('cause' in new SessionError('E_STATE', 'no')).toBe(false);
  });
});
