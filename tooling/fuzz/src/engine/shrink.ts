/** A shorter input for which `holds` still holds, found by cutting out ever smaller parts. */
export async function shrink(
  input: Uint8Array,
  tries: number,
  holds: (input: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let bytes = input;
  let left = tries;
  for (let size = bytes.length; size > 0 && left > 0; size = Math.floor(size / 2)) {
    for (let at = bytes.length - size; at >= 0 && left > 0; at -= size) {
      const shorter = new Uint8Array(bytes.length - size);
      shorter.set(bytes.subarray(0, at));
      shorter.set(bytes.subarray(at + size), at);
      left -= 1;
      if (await holds(shorter)) bytes = shorter;
    }
  }
  return bytes;
}
