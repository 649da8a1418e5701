import { SessionError } from './errors.js';
import { isHeld, type JsonNumbers, safeDigits } from './json-numbers.js';
import { plainCopy } from './plain-json.js';

/** A value that JSON can carry. */
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
  return encoder.encode(stringifyJson(value));
}

/**
 * The text of {@link encodeJson}, for those who have a faster way to UTF-8.
 *
 * @throws SessionError `E_JSON`
 */
export function stringifyJson(value: unknown): string {
  // What is plain needs no look at each value while it is written, which takes longer than the writing.
  const plain = plainCopy(value, defaultMaxJsonDepth);
  if (plain !== undefined) return stringify(plain);
  const text = stringify(value, refuseSilentLoss);
  scan(text, defaultMaxJsonDepth);
  return text;
}

function stringify(value: unknown, replacer?: typeof refuseSilentLoss): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replacer);
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    // What V8 says of a cycle names keys of the payload. What a toJSON throws is the application's own.
    if (cause instanceof TypeError && /^Converting circular/.test(cause.message))
      throw unwritable('it holds a cycle');
    throw unwritable('it holds a cycle, is nested too deeply, or its toJSON failed', cause);
  }
  if (text === undefined) throw unwritable('it is undefined');
  return text;
}

/** JSON.stringify writes some values as null and leaves others out; a price must not turn into nothing unnoticed. */
function refuseSilentLoss(this: unknown, key: string, member: unknown): unknown {
  if (key === '__proto__') throw unwritable('it holds the key __proto__');
  const value = unboxed(member);
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

/** What is in an object of one of these classes, whichever realm it is of: JSON.stringify would write it without a word. */
function unboxed(value: unknown): unknown {
  switch (Object.prototype.toString.call(value)) {
    case '[object Number]':
      return Number(value);
    case '[object Symbol]':
    case '[object BigInt]':
      return Object(value).valueOf();
    default:
      return value;
  }
}

function unwritable(why: string, cause?: unknown): SessionError {
  return new SessionError(
    'E_JSON',
    `the payload cannot be written as JSON: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

export interface JsonOptions {
  /** Default 64. */
  readonly maxDepth?: number;
  /** What becomes of a number that no JavaScript number holds. Default 'refuse'. */
  readonly numbers?: JsonNumbers;
}

/**
 * UTF-8 JSON to a value, strictly: no replacement characters, no byte order mark, no key `__proto__`, nesting up to
 * `maxDepth`, no number that would be rounded unless `numbers` says what becomes of it. Of duplicate keys the last wins
 * (as RFC 8259, section 4 allows).
 *
 * @throws SessionError `E_JSON`
 */
export function decodeJson(
  bytes: Uint8Array,
  { maxDepth = defaultMaxJsonDepth, numbers = 'refuse' }: JsonOptions = {},
): unknown {
  const text = utf8(bytes);
  const inexact = scan(text, maxDepth, numbers);
  const value = parse(text);
  // The text as it came was parsed first, because quotes could make JSON of what is none.
  return inexact.length === 0 ? value : parse(quoted(text, inexact));
}

function isUnfit(number: string, numbers: JsonNumbers): boolean {
  return numbers === 'round' ? !Number.isFinite(Number(number)) : !isHeld(number);
}

function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SessionError('E_JSON', 'the payload is not UTF-8', { cause });
  }
}

function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the payload: it is neither shown nor kept.
    throw new SessionError('E_JSON', 'the payload is not JSON');
  }
  // Only a text that spells the key out, or hides it behind an escape, pays for the check of each object.
  if (text.includes('__proto__') || text.includes('\\u')) refuseProto(value);
  return value;
}

/** A reviver would do it too, in ten times the time of parsing, which is the sender's to spend. */
function refuseProto(root: unknown): void {
  const rest = typeof root === 'object' && root !== null ? [root] : [];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (Object.hasOwn(next, '__proto__')) {
      throw new SessionError('E_JSON', 'the payload holds the key __proto__');
    }
    for (const member of Array.isArray(next) ? next : Object.values(next)) {
      if (typeof member === 'object' && member !== null) rest.push(member);
    }
  }
}

function unfitNumber(numbers: JsonNumbers): SessionError {
  return new SessionError(
    'E_JSON',
    numbers === 'round'
      ? 'the payload holds a number beyond the range of a double'
      : 'the payload holds a number that would be rounded: send it as a string',
  );
}

/** From `start` up to, and without, `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Nearly every text has none: one for all of them. */
const noSpans: Span[] = [];

function quoted(text: string, numbers: readonly Span[]): string {
  let result = '';
  let done = 0;
  for (const { start, end } of numbers) {
    result += `${text.slice(done, start)}"${text.slice(start, end)}"`;
    done = end;
  }
  return result + text.slice(done);
}

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

/** Digits, `.`, `e`, `E`, `+`, `-`; the parser judges how they stand. */
function continuesNumber(char: number): boolean {
  return isDigit(char) || char === 0x2e || (char | 0x20) === 0x65 || char === 0x2b || char === minus;
}

/**
 * One pass over what is outside strings: counts brackets, which the parser would follow into the depth of the stack,
 * and looks at each number that a double may not hold.
 *
 * @param numbers as for `decodeJson`; where it is left out, any number will do
 * @returns the numbers that are to be read as text
 */
function scan(text: string, maxDepth: number, numbers?: JsonNumbers): readonly Span[] {
  let inexact = noSpans;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (char === quote) {
      index = endOfString(text, index);
    } else if (isDigit(char)) {
      const start = text.charCodeAt(index - 1) === minus ? index - 1 : index;
      let exponent = false;
      // Past the end there is NaN, which continues nothing.
      for (let next = text.charCodeAt(index + 1); continuesNumber(next); next = text.charCodeAt(index + 1)) {
        index += 1;
        exponent ||= (next | 0x20) === 0x65;
      }
      const end = index + 1;
      const doubtful = numbers !== undefined && (exponent || end - start > safeDigits);
      if (doubtful && isUnfit(text.slice(start, end), numbers)) {
        if (numbers !== 'text') throw unfitNumber(numbers);
        if (inexact === noSpans) inexact = [];
        inexact.push({ start, end });
      }
    } else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > maxDepth) throw new SessionError('E_JSON', `the payload is nested deeper than ${maxDepth}`);
    } else if (char === 0x7d || char === 0x5d) {
      depth -= 1;
    }
  }
  return inexact;
}

/** Where the string is closed that is opened at `start`; the end of the text where it is not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
