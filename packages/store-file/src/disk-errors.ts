import { StoreError } from '@sealwire/store';

/** The `code` of a system error, such as ENOSPC. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What a system error means to the caller of a state in this folder. */
export function diskError(cause: unknown, folder: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError(
      'E_DISK_FULL',
      `${folder}: no room (${code}): make room and open the state again; what was not confirmed may be lost`,
      { cause },
    );
  }
  return new StoreError(
    'E_IO',
    `${folder}: the disk failed (${code ?? 'unknown'}): look at the cause, then open the state again`,
    { cause },
  );
}

/** Runs it, and turns system errors into a {@link StoreError}. */
export async function onDisk<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskError(error, folder);
  }
}
