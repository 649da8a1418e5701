const encoder = new TextEncoder();
// Without ignoreBOM a leading U+FEFF would be dropped, and decoded text would not encode to the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of `text`, or `undefined` if it holds a surrogate without its other half. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  return /\p{Surrogate}/u.test(text) ? undefined : encoder.encode(text);
}

/** Throws the platform's `TypeError` if `bytes` are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
