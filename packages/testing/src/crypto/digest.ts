/** A hash of 32 bits; it only has to tell honest mistakes apart, never an attacker. */
export function digest(seed: number, bytes: Uint8Array): number {
  return mix(seed ^ 0x811c9dc5 ^ bytes.length, bytes);
}

/** Parts of whole words, one after the other, give what the whole gives. */
export function mix(state: number, bytes: Uint8Array): number {
  let hash = state;
  const whole = bytes.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    const word =
      (bytes[index] as number) |
      ((bytes[index + 1] as number) << 8) |
      ((bytes[index + 2] as number) << 16) |
      ((bytes[index + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (let index = whole; index < bytes.length; index++) {
    hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

export function digestText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

export function readWord(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
