// Plain JavaScript, as the thread that uses it.
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * What LMDB says of its file, in pages.
 *
 * @typedef {object} Stats
 * @property {number} pageSize
 * @property {number} lastPageNumber
 * @property {number} treeDepth
 * @property {number} treeBranchPageCount
 * @property {number} treeLeafPageCount
 * @property {number} overflowPages
 * @property {{ treeBranchPageCount: number, treeLeafPageCount: number, overflowPages: number }} free its list of free pages
 */

const CHUNK = Buffer.alloc(1_048_576);
/** The file grows by so much more than is needed … */
const GROWTH = 4 * CHUNK.byteLength;
/** … where the disk has so much free. */
const PLENTY = 16 * GROWTH;
/** What adds leaves so much of the file for claims, and for what only consumes or removes. */
const RESERVE = CHUNK.byteLength;
/** Pages that any transaction may take. */
const FEW = 64;
/** Bytes that the list of free pages takes for each page that a transaction frees. */
const FREED = 8;

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** What file systems say that know no hard links. */
const UNLINKABLE = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
/** btrfs and ZFS, by statfs(2): what is written there gets a new place each time, and zeros may have none. */
const NEVER_IN_PLACE = new Set([0x9123_683e, 0x2fc1_2fc1]);

/** @param {string} message */
function diskFull(message) {
  return Object.assign(new Error(message), { code: 'E_DISK_FULL' });
}

/**
 * Sees to it that no write of LMDB's ever finds the disk full: after a write that failed LMDB may bring the process
 * down. What a transaction may write to has its place on the disk before it begins, because zeros were written there.
 * So a file that is shorter than its own pages was cut, too, though LMDB may count pages that it never wrote.
 */
export class Room {
  #file;
  #maxSize;
  /** Open all the time, so that want of descriptors is no error of the disk. */
  #fd;
  #whole = false;

  /** @param {string} file @param {number} maxSize */
  constructor(file, maxSize) {
    this.#file = file;
    this.#maxSize = maxSize;
    this.#fd = openSync(file, 'r+');
  }

  /**
   * Throws E_DISK_FULL where the transaction may find no room.
   *
   * @param {Stats} stats
   * @param {{ length: number, rows: number, grows: boolean }} transaction
   * @param {(pageSize: number) => number} frees how many pages with large values it frees, where that matters
   * @param {() => boolean} recycles whether free pages within the file can be used for it
   */
  make(stats, { length, rows, grows }, frees, recycles) {
    const {
      pageSize,
      lastPageNumber,
      treeDepth,
      treeBranchPageCount,
      treeLeafPageCount,
      overflowPages,
      free,
    } = stats;
    const used = treeBranchPageCount + treeLeafPageCount + overflowPages;
    // LMDB takes more than it was given rather than refuse, so the bound is held here.
    if (grows && used * pageSize + length * 1.5 > this.#maxSize) {
      throw diskFull(`maxSize: ${used * pageSize} of ${this.#maxSize} bytes of ${this.#file} are in use`);
    }
    // Each row copies the pages on its way down and may split its leaf; the list of free pages is written anew.
    const copies = 2 * Math.min(rows, treeLeafPageCount) + Math.min(rows * treeDepth, treeBranchPageCount);
    const list = free.treeBranchPageCount + free.treeLeafPageCount + free.overflowPages;
    const written = FEW + copies + 2 * list + Math.ceil((length * 2) / pageSize);
    // What it frees is listed on pages side by side, anew when the list outgrows them.
    const withList = (/** @type {number} */ freed) =>
      written + 2 * Math.ceil(((written + freed) * FREED) / pageSize);
    const end = (lastPageNumber + 1) * pageSize;
    const lengthen = (/** @type {number} */ pages) =>
      this.#lengthen(end + pages * pageSize + (grows ? RESERVE : 0));

    // Nothing frees more large values than there are: where that is little, none is looked at.
    const most = withList(overflowPages);
    if ((most - written) * pageSize <= GROWTH) {
      try {
        return lengthen(most);
      } catch (error) {
        if (/** @type {{ code: string }} */ (error).code !== 'E_DISK_FULL') throw error;
      }
    }
    const freed = frees(pageSize);
    const pages = withList(freed);
    try {
      lengthen(pages);
    } catch (error) {
      // Those that the last transaction left cannot be used yet: hence half of them.
      const unused = (lastPageNumber - 1 - used - list) * pageSize;
      const listed = (copies + list + freed) * FREED < pageSize;
      if (this.#whole && listed && unused / 2 >= pages * pageSize && recycles()) return;
      throw error;
    }
  }

  close() {
    closeSync(this.#fd);
  }

  /** @param {number} needed bytes */
  #lengthen(needed) {
    try {
      if (!this.#whole) this.#fillHoles();
      this.#whole = true;
      const { size } = fstatSync(this.#fd);
      if (size >= needed) return;
      this.#append(size, needed);
    } catch (error) {
      if (!FULL.has(/** @type {{ code: string }} */ (error).code)) throw error;
      throw diskFull(`no room on the disk: ${this.#file} has to have ${needed} bytes`);
    }
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    if (bavail * bsize < PLENTY) return;
    try {
      this.#append(needed, needed + GROWTH);
    } catch {
      // Wanted later, if at all.
    }
  }

  /**
   * All of the zeros or none: what is refused must not use up the disk for others.
   *
   * @param {number} size @param {number} needed bytes
   */
  #append(size, needed) {
    try {
      writeZeros(this.#fd, size, needed);
    } catch (error) {
      ftruncateSync(this.#fd, size);
      throw error;
    }
  }

  /** A file that was copied may have holes where it had zeros. */
  #fillHoles() {
    const { blocks, size } = fstatSync(this.#fd);
    if (blocks * 512 >= size || NEVER_IN_PLACE.has(statfsSync(dirname(this.#file)).type)) return;
    const chunk = Buffer.alloc(65_536);
    for (let at = 0; at < size; at += chunk.byteLength) {
      const length = readSync(this.#fd, chunk, 0, chunk.byteLength, at);
      if (chunk.compare(CHUNK, 0, length, 0, length) === 0) writeSync(this.#fd, CHUNK, 0, length, at);
    }
  }
}

/**
 * LMDB makes the file of its locks with holes, and ends the process where a hole finds no room on the disk. Others may
 * open the store at the same time: what they find under its name is whole.
 *
 * @param {string} file
 */
export function ensureLockFile(file) {
  const name = `${file}-lock`;
  if (existsSync(name)) return;
  const made = `${name}-${randomUUID()}`;
  try {
    const fd = openSync(made, 'wx');
    try {
      writeZeros(fd, 0, 16_384);
    } finally {
      closeSync(fd);
    }
    link(made, name);
  } catch (error) {
    const { code } = /** @type {{ code: string }} */ (error);
    if (FULL.has(code)) throw diskFull(`no room on the disk for the locks of ${file}`);
    if (code !== 'EEXIST') throw error;
  } finally {
    rmSync(made, { force: true });
  }
}

/** @param {string} from @param {string} to */
function link(from, to) {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!UNLINKABLE.has(/** @type {{ code: string }} */ (error).code)) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/** @param {number} fd @param {number} from @param {number} to */
function writeZeros(fd, from, to) {
  for (let at = from; at < to; ) at += writeSync(fd, CHUNK, 0, Math.min(CHUNK.byteLength, to - at), at);
}
