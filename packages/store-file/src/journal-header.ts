import { crc32 } from 'node:zlib';
import { StoreError } from '@sealwire/store';
import { SECTOR } from './record.js';

/**
 * The first sector of a journal, the same in every version of the format:
 * `sealwire`, u32 version, u32 salt of the records, zeros, u32 CRC-32 of all before.
 */
const MAGIC = 'sealwire';
export const VERSION = 1;

export function encodeJournalHeader(salt: number): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32BE(VERSION, 8);
  bytes.writeUInt32BE(salt, 12);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, SECTOR - 4)), SECTOR - 4);
  return bytes;
}

/** Returns the salt. `path` is named in errors. */
export function decodeJournalHeader(bytes: Buffer, path: string): number {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new StoreError('E_FORMAT', `${path} is not a journal of this package: nothing was changed`);
  }
  if (bytes.length < SECTOR || crc32(bytes.subarray(0, SECTOR - 4)) !== bytes.readUInt32BE(SECTOR - 4)) {
    throw new StoreError('E_CORRUPT', `${path}: damaged at byte 0: nothing was changed`);
  }
  const version = bytes.readUInt32BE(8);
  if (version !== VERSION) {
    throw new StoreError(
      'E_FORMAT',
      `${path} has version ${version} where this package knows ${VERSION}: use the package that wrote it`,
    );
  }
  return bytes.readUInt32BE(12);
}
