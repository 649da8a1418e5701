import { crc32 } from 'node:zlib';

/** CRC-32 of ISO 3309 (that of gzip and PNG), going on from `seed`. */
export function checksum(bytes: Uint8Array, seed = 0): number {
  return crc32(bytes, seed);
}

/**
 * Where the checksum of a numbered row of a client begins: at the checksum of the client's id, mixed with the
 * number. A row that stands under another number, or with another client, does not match.
 */
export function seedOf(clientSeed: number, high: number, low: number): number {
  return (clientSeed ^ high ^ low) >>> 0;
}
