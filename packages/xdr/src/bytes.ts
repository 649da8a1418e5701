/** Not `instanceof`, so that arrays of another realm pass, such as a test runner's or an iframe's. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array).BYTES_PER_ELEMENT === 1;
}

/** Zero bytes that follow `length` bytes, to a multiple of four. */
export function paddingOf(length: number): number {
  return -length & 3;
}
