import { expect } from 'vitest';
import { XdrError, type XdrErrorCode } from '../src/index.js';

/** Bytes written as hex, blanks ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/** The XdrError that `action` throws; fails the test if it throws another or none. */
export function refusal(action: () => unknown): XdrError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(XdrError);
    return error as XdrError;
  }
  throw new Error('nothing was thrown');
}

export function expectRefusal(action: () => unknown, code: XdrErrorCode, path = '', offset?: number): void {
  const error = refusal(action);
  expect({ code: error.code, path: error.path }).toEqual({ code, path });
  if (offset !== undefined) expect(error.offset).toBe(offset);
}

/** A value that the types do not allow, as JavaScript callers pass it. */
export function untyped(value: unknown): never {
  return value as never;
}
