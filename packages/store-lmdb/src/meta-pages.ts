import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StoreError } from '@sealwire/store';

/**
 * The two meta pages with which an LMDB file begins, by the layout of lmdb.h and of the "data v2" format of lmdb-js:
 * a page header of 24 bytes, then magic (4), version (4), address (8), size of the map (8), two tables of 48 bytes
 * (the first begins with the size of a page), last page (8), transaction (8).
 */
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const META = 24;
const AT = {
  flags: 18,
  magic: META,
  version: META + 4,
  pageSize: META + 24,
  lastPage: META + 120,
  txn: META + 128,
} as const;
const META_SIZE = META + 136;
const META_FLAG = 8;
const MAX_PAGE_SIZE = 65_536;

function corrupt(file: string, what: string): StoreError {
  return new StoreError(
    'E_CORRUPT',
    `${file} ${what}: restore it from a backup. Nothing was changed or deleted`,
  );
}

/**
 * Looks at a file before LMDB maps it: LMDB crashes the process on one that was cut, and makes a new one where it finds
 * an empty one. Throws E_CORRUPT or E_FORMAT. Returns the size that the file must at least have.
 */
export function checkMetaPages(file: string): number {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    throw new StoreError('E_CORRUPT', `${file} cannot be opened: restore it or its permissions`, { cause });
  }
  try {
    const size = fstatSync(fd).size;
    const first = readMeta(fd, file, 0, 0);
    const second = readMeta(fd, file, first.pageSize, first.pageSize);
    const newest = second.txn > first.txn ? second : first;
    const needed = (Number(newest.lastPage) + 1) * newest.pageSize;
    if (size < needed) throw corrupt(file, `was cut: ${size} bytes of ${needed}`);
    return needed;
  } finally {
    closeSync(fd);
  }
}

function readMeta(fd: number, file: string, at: number, expectedPageSize: number) {
  const page = Buffer.alloc(META_SIZE);
  const read = readSync(fd, page, 0, META_SIZE, at);
  if (read === 0 && at === 0) throw corrupt(file, 'is empty');
  if (read < META_SIZE) throw corrupt(file, 'was cut within its first pages');
  if (page.readUInt32LE(AT.magic) !== MAGIC || (page.readUInt16LE(AT.flags) & META_FLAG) === 0) {
    throw corrupt(file, 'does not begin as an LMDB file does');
  }
  const version = page.readUInt32LE(AT.version) & 0xffff;
  if (version !== VERSION) {
    throw new StoreError('E_FORMAT', `${file} has version ${version} of LMDB's format instead of ${VERSION}`);
  }
  const pageSize = page.readUInt32LE(AT.pageSize);
  const power = (pageSize & (pageSize - 1)) === 0;
  if (!power || pageSize < META_SIZE || pageSize > MAX_PAGE_SIZE) {
    throw corrupt(file, 'has an impossible size of pages');
  }
  if (expectedPageSize !== 0 && pageSize !== expectedPageSize) {
    throw corrupt(file, 'has two different sizes of pages');
  }
  return { pageSize, lastPage: page.readBigUInt64LE(AT.lastPage), txn: page.readBigUInt64LE(AT.txn) };
}
