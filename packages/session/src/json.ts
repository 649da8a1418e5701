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
 * @throws SessionError `E_JSON` for what JSON cannot carry: `undefined`, a bigint, a cycle, NaN or an infinity,
 * a lone surrogate
 */
export function encodeJson(value: unknown): Uint8Array {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, refuseSilentLoss);
  } catch (cause) {
    throw new SessionError(
      'E_JSON',
      'the payload cannot be written as JSON: it holds a cycle, a bigint or a number that is not finite',
      { cause },
    );
  }
  if (text === undefined)
    throw new SessionError(
      'E_JSON',
      'the payload cannot be written as JSON: it is undefined, a function or a symbol',
    );
  return encoder.encode(text);
}

/** JSON.stringify writes NaN and the infinities as null; a price must not turn into nothing unnoticed. */
function refuseSilentLoss(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('number is not finite');
  return value;
}

/**
 * UTF-8 JSON to a value, strictly: no replacement characters, no byte order mark, no key `__proto__`, nesting up
 * to `maxDepth`. Of duplicate keys the last wins (as RFC 8259, section 4 allows).
 *
 * @throws SessionError `E_JSON`
 */
export function decodeJson(bytes: Uint8Array, maxDepth: number = defaultMaxJsonDepth): unknown {
  assertDepth(bytes, maxDepth);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new SessionError('E_JSON', 'the payload is not UTF-8', { cause });
  }
  try {
    // Only a text that spells the key out, or hides it behind an escape, pays for the check of each key.
    const suspicious = text.includes('__proto__') || text.includes('\\u');
    return suspicious ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    // The parser's own message quotes the payload: it is neither shown nor kept.
    throw new SessionError('E_JSON', 'the payload is not JSON');
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SessionError('E_JSON', 'the payload holds the key __proto__');
  return value;
}

const quote = 0x22;
const backslash = 0x5c;

/** Counts brackets outside strings; the parser would follow them into the depth of the stack. */
function assertDepth(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) {
      inString = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth) throw new SessionError('E_JSON', `the payload is nested deeper than ${maxDepth}`);
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
}
