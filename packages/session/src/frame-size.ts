/**
 * Bytes of a client's frame: IV, then the plaintext under PKCS#7: signature, type, data with number and JSON. Both
 * layouts are equally long.
 */
export function sealedBytes(jsonLength: number, signatureLength: number): number {
  const plaintext = 4 + padded(signatureLength) + 4 + 4 + 8 + 4 + padded(jsonLength);
  return 16 + plaintext - (plaintext % 16) + 16;
}

/** XDR pads to a multiple of 4. */
function padded(length: number): number {
  return length + (-length & 3);
}
