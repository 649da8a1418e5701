import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError } from '@sealwire/store';
import type { Disk, DiskFile } from './disk.js';
import { systemCode } from './disk-errors.js';
import { lockFolder } from './lock.js';

/** The file system of this machine. What is stored are messages in the clear: nobody else may read them. */
export const nodeDisk: Disk = {
  async makeFolder(folder) {
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    await syncFolder(dirname(folder));
  },
  syncFolder,
  lock: lockFolder,
  async read(path, maxBytes) {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    if (file === undefined) return undefined;
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new StoreError('E_FORMAT', `${path} is not a file: nothing was changed`);
      if (stats.size > maxBytes) {
        throw new StoreError('E_FORMAT', `${path} is longer than any journal: nothing was changed`);
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  },
  async create(path) {
    // Not written over: that would follow a link, and keep the mode of whatever is there.
    await rm(path, { force: true });
    return new NodeFile(await open(path, 'wx', 0o600));
  },
  rename,
};

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    const { bytesWritten } = await this.#handle.write(bytes, 0, bytes.length, position);
    return bytesWritten;
  }

  dataSync(): Promise<void> {
    return this.#handle.datasync();
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
