import { StoreError } from '@sealwire/store';

/** What an error of IndexedDB means to the caller of a state in this database. */
export function databaseError(cause: unknown, name: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const kind = cause instanceof Error ? cause.name : 'unknown';
  switch (kind) {
    case 'QuotaExceededError':
      return new StoreError(
        'E_DISK_FULL',
        `${name}: no room: free storage of this site and open the state again; what was not confirmed is lost`,
        { cause },
      );
    case 'VersionError':
      return new StoreError('E_FORMAT', `${name} is of a newer version: reload the page to get its program`, {
        cause,
      });
    case 'NotFoundError':
      return new StoreError('E_FORMAT', `${name} is not a database of this package: nothing was changed`, {
        cause,
      });
    default:
      return new StoreError('E_IO', `${name}: the browser's storage failed (${kind}): open the state again`, {
        cause,
      });
  }
}

/** Runs it, and turns errors of IndexedDB into a {@link StoreError}. */
export async function onDatabase<T>(name: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw databaseError(error, name);
  }
}
