/** ERROR and RPC error texts are at most this long, in bytes of UTF-8. */
export const maxErrorTextBytes = 4096;

const encoder = new TextEncoder();
/** Making one takes longer than decoding. */
const decoder = new TextDecoder();

/**
 * Makes a text fit to be sent to a peer or shown on a terminal: control characters escaped, cut to 4 KiB. Texts of
 * peers go through the same function before anybody sees them.
 */
export function errorText(text: string): string {
  // Cc: controls. Cf: invisible formatting, such as the bidirectional marks that reorder what is shown.
  // Each UTF-16 unit becomes at least one byte, so what lies beyond the limit need not be looked at.
  const safe = text
    .slice(0, maxErrorTextBytes + 1)
    .replace(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
  // The encoder makes lone surrogates well-formed; streaming leaves out a character that the cut would split.
  const bytes = encoder.encode(safe);
  if (bytes.length <= maxErrorTextBytes) return decoder.decode(bytes);
  return new TextDecoder().decode(bytes.subarray(0, maxErrorTextBytes), { stream: true });
}
