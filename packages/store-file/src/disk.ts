/** What the journal needs of an operating system. Failures are the system's own errors, with its `code`. */
export interface Disk {
  /** Makes the folder if it is missing; its parent must be there. */
  makeFolder(folder: string): Promise<void>;
  /** Flushes the names in a folder. */
  syncFolder(folder: string): Promise<void>;
  /** Keeps every other process out of the folder until released, or until this process ends in any way. */
  lock(folder: string): Promise<Lock>;
  /** undefined if there is no such file. Rejects with E_FORMAT if it is no file, or longer than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /** An empty file, whatever was there before. */
  create(path: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
}

export interface DiskFile {
  /** Returns how many of the bytes were written. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Flushes content and size. */
  dataSync(): Promise<void>;
  /** Flushes all that is known of the file. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Lock {
  release(): Promise<void>;
}
