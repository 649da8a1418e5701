import { StoreError } from '@sealwire/store';

export interface PageLock {
  release(): Promise<void>;
}

/**
 * Keeps other pages of this origin out, as long as the browser has Web Locks. It frees them itself when a page
 * ends, in whatever way. Where there are none, nobody is kept out: the owner's mark in the database decides.
 */
export async function lockPage(name: string, timeout: number): Promise<PageLock> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  if (locks === undefined) return { release: async () => {} };
  return new Promise((resolve, reject) => {
    const held: Promise<void> = locks
      .request(name, { signal: AbortSignal.timeout(timeout) }, () => {
        return new Promise<void>((done) => {
          resolve({
            async release() {
              done();
              await held;
            },
          });
        });
      })
      .then(
        () => {},
        (cause) => reject(refused(name, cause)),
      );
  });
}

function refused(name: string, cause: unknown): StoreError {
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new StoreError('E_LOCKED', `${name} is in use by another page: close that one first`, { cause });
  }
  return new StoreError('E_IO', `${name}: the browser does not give the lock: see the cause`, { cause });
}
