export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A view that does not start where its buffer starts, as plaintexts of a batch do not. */
export function shifted(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 7).fill(0xff);
  buffer.set(bytes, 3);
  return buffer.subarray(3, 3 + bytes.length);
}
