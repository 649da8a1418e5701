import { concatBytes } from './bytes.js';
import { CryptoError } from './errors.js';

/** The tags (X.690) that RSA key files use. */
export const Tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  attributes: 0xa0,
} as const;

export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** A private key of RSA with two primes has nine, and no key of any kind as many as this. */
const MAX_ELEMENTS = 16;

function malformed(what: string): CryptoError {
  return new CryptoError('E_KEY_FORMAT', `The key is not valid DER: ${what}. Give the key file unchanged.`);
}

/** Reads `bytes` to the end as at most 16 elements with one-byte tags and minimal definite lengths. */
export function readElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    // An element takes two bytes and becomes an object of some 150.
    if (elements.length === MAX_ELEMENTS) throw malformed(`more than ${MAX_ELEMENTS} elements`);
    const tag = bytes[offset++]!;
    if ((tag & 0x1f) === 0x1f) throw malformed('a tag of more than one byte');
    let length = bytes[offset++];
    if (length === undefined) throw malformed('it ends where a length was expected');
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size < 1 || size > 3) throw malformed('an indefinite or very large length');
      if (offset + size > bytes.length) throw malformed('it ends within a length');
      length = bytes.subarray(offset, offset + size).reduce((value, byte) => value * 256 + byte, 0);
      offset += size;
      if (length < 0x80 || length < 256 ** (size - 1)) throw malformed('a length longer than needed');
    }
    if (length > bytes.length - offset) throw malformed('a length beyond the end');
    elements.push({ tag, content: bytes.subarray(offset, offset + length) });
    offset += length;
  }
  return elements;
}

/** Reads `bytes` as exactly one element with this tag. */
export function readOne(bytes: Uint8Array, tag: number): Uint8Array {
  const [element, ...rest] = readElements(bytes);
  if (element?.tag !== tag || rest.length > 0) throw malformed(`one element with tag ${tag} was expected`);
  return element.content;
}

/** The content of an INTEGER that is zero or more, without its sign byte; zero is one zero byte. */
export function readUnsigned(element: DerElement | undefined): Uint8Array {
  const content = element?.content;
  if (element?.tag !== Tag.integer || content === undefined || content.length === 0) {
    throw malformed('an integer was expected');
  }
  if (content[0]! >= 0x80) throw malformed('a negative integer');
  if (content.length === 1 || content[0] !== 0) return content;
  if (content[1]! < 0x80) throw malformed('an integer longer than needed');
  return content.subarray(1);
}

export function writeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const size: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  const length = content.length < 0x80 ? [content.length] : [0x80 | size.length, ...size];
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

/** @param value as from {@link readUnsigned}. */
export function writeUnsigned(value: Uint8Array): Uint8Array {
  return value[0]! >= 0x80
    ? writeElement(Tag.integer, Uint8Array.of(0), value)
    : writeElement(Tag.integer, value);
}
