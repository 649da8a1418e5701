import type { CryptoErrorCode } from '../errors.js';

export function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`Expected ${what}.`);
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!Object.is(actual, expected)) throw new Error(`${what}: expected ${expected}, got ${actual}.`);
}

export function equalBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  equal(toHex(actual), toHex(expected), what);
}

/** Whether `error` has this code; `instanceof` is not asked for, since a package may be installed twice. */
function checkCode(error: unknown, code: CryptoErrorCode, what: string): void {
  const actual = error instanceof Error && 'code' in error ? error.code : error;
  equal(actual, code, `The code of the error for ${what}`);
}

export function throws(code: CryptoErrorCode, what: string, body: () => unknown): void {
  let result: unknown;
  try {
    result = body();
  } catch (error) {
    checkCode(error, code, what);
    return;
  }
  throw new Error(`${what}: expected ${code}, got the result ${typeof result}.`);
}

export async function rejects(code: CryptoErrorCode, what: string, promise: Promise<unknown>): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  checkCode(error, code, what);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** 0, 1, 2, …: bytes that are easy to tell apart in a failure. */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i & 0xff);
}
