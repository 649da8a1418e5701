import { decodeHeader, RECORD_HEADER, SECTOR } from './record.js';

/**
 * Is this bad record one that a crash left unfinished? Only the last one can be: the next is written after the
 * flush of the one before. An unfinished write leaves a file that is too short, or sectors of zeros where the
 * size reached the disk before the content (as etcd's log has it). Anything else was damaged later.
 */
export function isTorn(bytes: Buffer, offset: number, number: number, salt: number): boolean {
  const rest = bytes.length - offset;
  if (rest < RECORD_HEADER) return true;
  const header = decodeHeader(salt, bytes, offset);
  if (header?.number === number) {
    const missing = header.length - (rest - RECORD_HEADER);
    return missing > 0 || (missing === 0 && hasZeroSector(bytes, offset));
  }
  return isZeroSector(bytes, offset) && !hasLaterRecord(bytes, offset, number, salt);
}

function hasZeroSector(bytes: Buffer, offset: number): boolean {
  for (let at = offset; at < bytes.length; at += SECTOR) if (isZeroSector(bytes, at)) return true;
  return false;
}

function isZeroSector(bytes: Buffer, offset: number): boolean {
  return bytes.subarray(offset, offset + SECTOR).every((byte) => byte === 0);
}

/** A record with a larger number shows that this one was flushed, and so that it was lost afterwards. */
function hasLaterRecord(bytes: Buffer, offset: number, number: number, salt: number): boolean {
  for (let at = offset + SECTOR; at + RECORD_HEADER <= bytes.length; at += SECTOR) {
    const header = decodeHeader(salt, bytes, at);
    if (header !== undefined && header.number > number) return true;
  }
  return false;
}
