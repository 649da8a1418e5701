import { SessionError } from './errors.js';

/** A value that JSON can carry. Numbers beyond 2^53 belong into strings: a JavaScript number rounds them. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** Nesting deeper than this is refused before it is parsed. */
export const defaultMaxJsonDepth = 64;

const encoder = new TextEncoder();
// A byte order mark is not white space in JSON (RFC 8259, section 8.1), so it must reach the parser and fail there.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Payload to UTF-8 JSON.
 *
 * @throws SessionError `E_JSON` for what JSON cannot carry and would drop or change: a bigint, a cycle, NaN or an
 * infinity, a function, a symbol, `undefined` but as the value of a key; and for what `decodeJson` would refuse
 */
export function encodeJson(value: unknown): Uint8Array {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, refuseSilentLoss);
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    throw unwritable('it holds a cycle, is nested too deeply, or its toJSON failed', cause);
  }
  if (text === undefined) throw unwritable('it is undefined');
  const bytes = encoder.encode(text);
  scan(bytes, defaultMaxJsonDepth);
  return bytes;
}

/** JSON.stringify writes some values as null and leaves others out; a price must not turn into nothing unnoticed. */
function refuseSilentLoss(this: unknown, key: string, value: unknown): unknown {
  if (key === '__proto__') throw unwritable('it holds the key __proto__');
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw unwritable('it holds a number that is not finite');
      break;
    case 'undefined':
      if (Array.isArray(this)) throw unwritable('an array in it holds undefined');
      break;
    case 'bigint':
    case 'function':
    case 'symbol':
      throw unwritable(`it holds a ${typeof value}`);
  }
  return value;
}

function unwritable(why: string, cause?: unknown): SessionError {
  return new SessionError(
    'E_JSON',
    `the payload cannot be written as JSON: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

/**
 * UTF-8 JSON to a value, strictly: no replacement characters, no byte order mark, no key `__proto__`, no number
 * beyond the range of a double, nesting up to `maxDepth`. Of duplicate keys the last wins (as RFC 8259, section 4
 * allows). Numbers of more than 15 digits are rounded: where that matters, keep the bytes.
 *
 * @throws SessionError `E_JSON`
 */
export function decodeJson(bytes: Uint8Array, maxDepth: number = defaultMaxJsonDepth): unknown {
  const { largeNumbers } = scan(bytes, maxDepth);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new SessionError('E_JSON', 'the payload is not UTF-8', { cause });
  }
  try {
    // Only a text that spells the key out, or hides it behind an escape, pays for the check of each value.
    const suspicious = largeNumbers || text.includes('__proto__') || text.includes('\\u');
    return suspicious ? JSON.parse(text, refuseHazards) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    // The parser's own message quotes the payload: it is neither shown nor kept.
    throw new SessionError('E_JSON', 'the payload is not JSON');
  }
}

function refuseHazards(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SessionError('E_JSON', 'the payload holds the key __proto__');
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw new SessionError('E_JSON', 'the payload holds a number beyond the range of a double');
  }
  return value;
}

const quote = 0x22;
const backslash = 0x5c;

/** The largest double has 309 digits: only an exponent or that many digits lead beyond it. */
const manyDigits = 300;

/**
 * One pass over the bytes outside strings: counts brackets, which the parser would follow into the depth of the
 * stack, and looks for numbers that may be beyond the range of a double.
 */
function scan(bytes: Uint8Array, maxDepth: number): { readonly largeNumbers: boolean } {
  let depth = 0;
  let digits = 0;
  let largeNumbers = false;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    if (inString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inString = false;
    } else if (byte >= 0x30 && byte <= 0x39) {
      digits += 1;
      if (digits > manyDigits) largeNumbers = true;
    } else {
      // An 'e' or 'E' behind a digit begins an exponent; in a literal it stands behind a letter.
      if (digits > 0 && (byte | 0x20) === 0x65) largeNumbers = true;
      digits = 0;
      if (byte === quote) {
        inString = true;
      } else if (byte === 0x7b || byte === 0x5b) {
        depth += 1;
        if (depth > maxDepth)
          throw new SessionError('E_JSON', `the payload is nested deeper than ${maxDepth}`);
      } else if (byte === 0x7d || byte === 0x5d) {
        depth -= 1;
      }
    }
  }
  return { largeNumbers };
}
