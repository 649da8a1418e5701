import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerStore } from '@sealwire/store';

export interface SmallDisk {
  readonly name: string;
  readonly path: string;
  readonly maxSize: number;
  /** Takes a good part of the room. */
  fill(store: ServerStore): Promise<unknown>;
  /** Gives that part back. */
  free(store: ServerStore): Promise<unknown>;
  remove(): void;
}

const HOG = new Uint8Array(1_500_000);

/**
 * A file system of this size at `path`, where this process may mount one; otherwise the store's own bound stands for it.
 * `name` says which of the two it is.
 */
export function smallDisk(path: string, size = '4m'): SmallDisk {
  mkdirSync(path, { recursive: true });
  const hog = join(path, 'hog');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return {
      name: 'maxSize',
      path,
      maxSize: 2 ** 22,
      fill: (store) => store.commit({ puts: [{ key: 'hog', value: HOG }] }).flushed,
      free: (store) => store.commit({ puts: [{ key: 'hog', value: null }] }).flushed,
      remove: () => {},
    };
  }
  return {
    name: 'a file system',
    path,
    maxSize: 2 ** 30,
    fill: async () => writeFileSync(hog, HOG),
    free: async () => rmSync(hog),
    remove: () => void execFileSync('umount', ['-l', path]),
  };
}
