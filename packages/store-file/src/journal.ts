import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ImageChange, ImageSink } from '@sealwire/store/kit';
import type { Disk, DiskFile, Lock } from './disk.js';
import { onDisk } from './disk-errors.js';
import { encodeJournalHeader } from './journal-header.js';
import { encodeRecord, SECTOR } from './record.js';

export const JOURNAL = 'journal';
const UNFINISHED = 'journal.new';

/** Appends a record per change, and replaces the file by a shorter one when it has grown. */
export class Journal implements ImageSink {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #compactBytes: number;
  #file: DiskFile | undefined;
  #salt = 0;
  #number = 0;
  #length = 0;
  #maxLength = 0;

  constructor(disk: Disk, folder: string, lock: Lock, compactBytes: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#lock = lock;
    this.#compactBytes = compactBytes;
  }

  write(change: ImageChange, whole: () => ImageChange): Promise<void> {
    const record = encodeRecord(this.#salt, this.#number, change);
    const file = this.#file;
    if (file === undefined || this.#length + record.length > this.#maxLength) return this.replace(whole());
    return onDisk(this.#folder, async () => {
      await writeAll(file, record, this.#length);
      await file.dataSync();
      this.#length += record.length;
      this.#number += 1;
    });
  }

  /** Makes a new file of the entire state; it has the name of the old one only when it is whole on the disk. */
  replace(whole: ImageChange): Promise<void> {
    return onDisk(this.#folder, async () => {
      const salt = randomBytes(4).readUInt32BE();
      const record = encodeRecord(salt, 0, whole);
      const file = await this.#disk.create(join(this.#folder, UNFINISHED));
      const old = this.#file;
      // From here on `close` closes the new one, however far this gets.
      this.#file = file;
      await old?.close();
      await writeAll(file, encodeJournalHeader(salt), 0);
      await writeAll(file, record, SECTOR);
      await file.sync();
      await this.#disk.rename(join(this.#folder, UNFINISHED), join(this.#folder, JOURNAL));
      await this.#disk.syncFolder(this.#folder);
      this.#salt = salt;
      this.#number = 1;
      this.#length = SECTOR + record.length;
      this.#maxLength = Math.max(this.#compactBytes, 2 * this.#length);
    });
  }

  close(): Promise<void> {
    return onDisk(this.#folder, async () => {
      try {
        await this.#file?.close();
      } finally {
        await this.#lock.release();
      }
    });
  }
}

async function writeAll(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += await file.write(bytes.subarray(done), position + done);
  }
}
