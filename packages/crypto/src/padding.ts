/** PKCS#7 (RFC 5652, section 6.3) for blocks of 16 bytes: at least one byte is added. */
export function paddedLength(plaintextLength: number): number {
  return (plaintextLength & ~15) + 16;
}

/** Writes the padded plaintext into `target` from `offset` on; the rest of its last block is filled. */
export function padInto(target: Uint8Array, offset: number, plaintext: Uint8Array): void {
  const padding = 16 - (plaintext.length & 15);
  const end = offset + plaintext.length;
  target.set(plaintext, offset);
  // A loop: for so few bytes a call of `fill` takes longer.
  for (let i = end; i < end + padding; i++) target[i] = padding;
}

/**
 * Whether the block of `bytes` that ends at `end` ends in n bytes of value n, 1 <= n <= 16. Looks at all 16 bytes
 * whatever it finds, without a branch or an index that depends on them, so that the time does not tell how much of
 * the padding was right.
 */
export function isPadded(bytes: Uint8Array, end: number): boolean {
  const padding = bytes[end - 1]!;
  let bad = ((padding - 1) | (16 - padding)) >>> 31;
  for (let i = 0; i < 16; i++) {
    const counts = (i - padding) >> 31;
    bad |= (bytes[end - 1 - i]! ^ padding) & counts;
  }
  return bad === 0;
}
