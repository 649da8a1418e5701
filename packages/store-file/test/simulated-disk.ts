import { StoreError } from '@sealwire/store';
import type { Disk, DiskFile } from '../src/disk.js';

const SECTOR = 512;

interface Write {
  readonly position: number;
  readonly bytes: Buffer;
}

/** A file: what programs see, what is on the platter, and the writes in between. */
interface Inode {
  seen: Buffer;
  durable: Buffer;
  pending: Write[];
}

/** What happens at a call instead of success. */
export type Fault = 'ENOSPC' | 'EDQUOT' | 'EIO' | 'short' | 'stop';

/** Whole numbers from 0 to below - 1. */
export type Random = (below: number) => number;

/**
 * A disk that keeps for sure only what was flushed. Names and contents are flushed apart, a power cut keeps any
 * of the sectors written since, and after a flush that failed the content is seen as if it had been written.
 */
export class SimulatedDisk implements Disk {
  /** Every call since the last `clear`, with the last part of the path. */
  readonly calls: string[] = [];
  /** Asked before each call. */
  fault: (call: string, number: number) => Fault | undefined = () => undefined;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pendingNames: (() => void)[] = [];
  #locked = false;

  async makeFolder(folder: string): Promise<void> {
    await this.#call('makeFolder', folder);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#call('syncFolder', folder);
    for (const change of this.#pendingNames.splice(0)) change();
  }

  async lock(folder: string) {
    await this.#call('lock', folder);
    if (this.#locked) throw new StoreError('E_LOCKED', `${folder} is in use`);
    this.#locked = true;
    return {
      release: async () => {
        this.#locked = false;
      },
    };
  }

  async read(path: string): Promise<Buffer | undefined> {
    await this.#call('read', path);
    const inode = this.#names.get(path);
    return inode && Buffer.from(inode.seen);
  }

  async create(path: string): Promise<DiskFile> {
    await this.#call('create', path);
    const inode: Inode = { seen: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] };
    this.#names.set(path, inode);
    this.#pendingNames.push(() => this.#durableNames.set(path, inode));
    return {
      write: async (bytes, position) => {
        const short = (await this.#call('write', path)) === 'short';
        const written = Buffer.from(short ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes);
        inode.seen = put(inode.seen, { position, bytes: written });
        inode.pending.push({ position, bytes: written });
        return written.length;
      },
      dataSync: () => this.#flush('dataSync', path, inode),
      sync: () => this.#flush('sync', path, inode),
      close: async () => {
        await this.#call('close', path);
      },
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call('rename', from);
    move(this.#names, from, to);
    this.#pendingNames.push(() => move(this.#durableNames, from, to));
  }

  /** The process is gone, and the machine runs on. */
  kill(): void {
    this.#locked = false;
    this.fault = () => undefined;
  }

  powerCut(random: Random): void {
    this.kill();
    const kept = this.#pendingNames.splice(0);
    for (const change of kept.slice(0, random(kept.length + 1))) change();
    this.#names = new Map(this.#durableNames);
    for (const inode of this.#names.values()) {
      for (const write of inode.pending.splice(0)) inode.durable = putTorn(inode.durable, write, random);
      inode.seen = inode.durable;
    }
  }

  #flush = async (kind: string, path: string, inode: Inode): Promise<void> => {
    const pending = inode.pending.splice(0);
    // A flush that fails forgets what it should have written, and a later one does not bring it back.
    await this.#call(kind, path);
    for (const write of pending) inode.durable = put(inode.durable, write);
  };

  async #call(kind: string, path: string): Promise<Fault | undefined> {
    const call = `${kind} ${path.slice(path.lastIndexOf('/') + 1)}`;
    this.calls.push(call);
    const fault = this.fault(call, this.calls.length - 1);
    // A disk is slower than a program: calls are made meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    if (fault === 'stop') await new Promise(() => {});
    if (fault !== undefined && fault !== 'short') throw Object.assign(new Error(fault), { code: fault });
    return fault;
  }
}

function move(names: Map<string, Inode>, from: string, to: string): void {
  const inode = names.get(from);
  if (inode === undefined) return;
  names.delete(from);
  names.set(to, inode);
}

function put(content: Buffer, { position, bytes }: Write): Buffer {
  const longer = Buffer.alloc(Math.max(content.length, position + bytes.length));
  longer.set(content);
  longer.set(bytes, position);
  return longer;
}

/** Any of the sectors, and of the size any part. */
function putTorn(content: Buffer, { position, bytes }: Write, random: Random): Buffer {
  let result = content;
  for (let at = 0; at < bytes.length; at += SECTOR) {
    const sector = bytes.subarray(at, at + SECTOR);
    const fate = random(3);
    if (fate === 0) result = put(result, { position: position + at, bytes: sector });
    else if (fate === 1 && result.length < position + at + sector.length) {
      result = put(result, { position: position + at, bytes: Buffer.alloc(sector.length) });
    }
  }
  const added = result.length - content.length;
  return random(2) === 0 ? result : result.subarray(0, content.length + random(added + 1));
}
