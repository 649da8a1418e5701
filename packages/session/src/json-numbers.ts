/**
 * What becomes of a JSON number that no JavaScript number holds, such as 9007199254740993, which would be read as
 * 9007199254740992: the payload is refused, the number is read as a string of its very digits, or it is rounded.
 */
export type JsonNumbers = 'refuse' | 'text' | 'round';

export const jsonNumbers: readonly JsonNumbers[] = ['refuse', 'text', 'round'];

/** A double holds every number of so few significant digits, except beyond its range (IEEE 754 binary64). */
export const safeDigits = 15;

/** Below it doubles have fewer digits. */
const leastNormal = 2 ** -1022;

const zero = 0x30;

/** As many as `toPrecision` writes. */
const maxDigits = 100;

/**
 * Whether the JavaScript number nearest to the written one, written with as many digits, is the written one again. So
 * 0.1 is held, and 0.10000000000000001, which some programs write for the same double; 4e-324 is not. More than 100
 * significant digits are never held.
 *
 * @param text a number as in JSON; what is none is left to the parser, and held
 */
export function isHeld(text: string): boolean {
  const value = Number(text);
  if (Number.isNaN(value)) return true;
  if (!Number.isFinite(value)) return false;
  const short = text.length <= safeDigits && Math.abs(value) >= leastNormal;
  if (short || String(value) === text) return true;
  const written = decimal(text);
  const count = written.digits.length;
  if (count === 0 || count > maxDigits) return count === 0;
  // The shortest digits of a double need not be the nearest of that length, and are what JavaScript writes.
  return same(written, decimal(value.toPrecision(count))) || same(written, decimal(String(value)));
}

/** 0.`digits` times ten to the power of `exponent`, without zeros at either end; zero has no digits. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

function decimal(text: string): Decimal {
  const sign = text.startsWith('-') ? 1 : 0;
  const power = text.search(/e/i);
  const mantissa = text.slice(sign, power < 0 ? undefined : power);
  const point = mantissa.indexOf('.');
  const digits = point < 0 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  // By hand, because a regular expression for the zeros at the end takes the square of the time.
  let start = 0;
  let end = digits.length;
  while (start < end && digits.charCodeAt(start) === zero) start += 1;
  while (end > start && digits.charCodeAt(end - 1) === zero) end -= 1;
  if (start === end) return { digits: '', exponent: 0 };
  const shift = power < 0 ? 0 : Number(text.slice(power + 1));
  return {
    digits: digits.slice(start, end),
    exponent: (point < 0 ? mantissa.length : point) - start + shift,
  };
}

function same(one: Decimal, other: Decimal): boolean {
  return one.digits === other.digits && one.exponent === other.exponent;
}
