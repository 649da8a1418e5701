const encoder = new TextEncoder();
// Without ignoreBOM a leading U+FEFF would be dropped, and decoded text would not encode to the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Length of `text` in UTF-8, or -1 if it holds a surrogate without its other half. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    if ((unit & 0xf800) !== 0xd800) continue;
    i += 1;
    if (unit > 0xdbff || (text.charCodeAt(i) & 0xfc00) !== 0xdc00) return -1;
    // A pair is 2 units and 4 bytes: the 2 added for its first half are the whole difference.
  }
  return length;
}

/** Writes well-formed `text` into exactly `target`. */
export function encodeUtf8(text: string, target: Uint8Array): void {
  encoder.encodeInto(text, target);
}

/** Throws the platform's `TypeError` if `bytes` are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
