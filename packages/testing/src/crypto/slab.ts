const size = 65_536;
let slab = new Uint8Array(size);
let used = 0;

/** Zeroed bytes out of a larger piece: an allocation for each frame and signature costs more than all else about them. */
export function takeBytes(length: number): Uint8Array {
  if (length > size) return new Uint8Array(length);
  if (used + length > size) {
    slab = new Uint8Array(size);
    used = 0;
  }
  const bytes = slab.subarray(used, used + length);
  used += length;
  return bytes;
}
