import { StoreError } from '@sealwire/store';

/** What LMDB says when a page is not what it must be. */
const DAMAGED = new Set<unknown>([-30_797, -30_796, -30_793]);

const FULL = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EFBIG', 28]);

/** For errors of LMDB and of the file system, which know no client and no key. */
export function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { code, message } =
    cause instanceof Error ? (cause as Error & { code?: unknown }) : { code: 0, message: '' };
  if (code === 'E_DISK_FULL') return new StoreError(code, message, { cause });
  if (FULL.has(code)) return new StoreError('E_DISK_FULL', `no room on the disk: ${message}`, { cause });
  if (DAMAGED.has(code)) {
    return new StoreError('E_CORRUPT', `a page of the store is damaged (${message}): restore a backup`, {
      cause,
    });
  }
  return new StoreError('E_IO', `the store could not be read or written: ${message}`, { cause });
}
