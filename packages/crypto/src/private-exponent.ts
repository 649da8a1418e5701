/**
 * Whether d is the inverse of e (RFC 8017, section 3.2). The platforms compute with the numbers of the Chinese remainder
 * theorem, which the self-test checks, and may look at d only when a computation failed, or when a key is handed out.
 */
export function isPrivateExponent(d: Uint8Array, e: Uint8Array, p: Uint8Array, q: Uint8Array): boolean {
  const product = toBigInt(d) * toBigInt(e);
  return [p, q].every((prime) => {
    const order = toBigInt(prime) - 1n;
    return order > 0n && product % order === 1n;
  });
}

function toBigInt(bytes: Uint8Array): bigint {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}
