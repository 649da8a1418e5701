// Plain JavaScript: Node loads a worker itself, and in tests it does so from here.
import { statfsSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';

/**
 * The only place that writes. Each transaction is begun, filled, flushed and ended here, so that no flush and no page
 * that must be fetched ever holds up the thread of the sockets, and so that an error is the one that happened.
 *
 * @typedef {import('./writer.js').ThreadData} ThreadData
 * @typedef {import('./writer.js').ThreadRequest} ThreadRequest
 * @typedef {import('./writer.js').ThreadAnswer} ThreadAnswer
 */

const GROWTH = 16_777_216;
/**
 * What adds leaves so much of the disk free, and is refused before LMDB tries: writes of pages that fail over and over
 * have been seen to bring the process down. Less than this also means that a write failed for want of room.
 */
const ROOM = 1_048_576;

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { file, options, maxSize, formatKey, format, ownerKey, owner, pid } = /** @type {ThreadData} */ (
  workerData
);
const token = Buffer.from(owner);
const key = Buffer.from(ownerKey);
const db = open(file, options);

/** @param {import('@sealwire/store').StoreErrorCode} code @param {string} message */
function failure(code, message) {
  return Object.assign(new Error(message), { code });
}

/** Readers of dead processes are struck off first: the operating system has released what they held. */
function living() {
  db.readerCheck();
  return [...db.readerList().matchAll(/^\s*(\d+) /gm)].map(([, id]) => Number(id));
}

function own() {
  if (db.getBinary(Buffer.from(formatKey))?.toString('utf8', 4) !== format) {
    throw failure('E_FORMAT', `${file} does not belong to the marker beside it: restore both together`);
  }
  // That read entered this process into the table of readers, by which others see that it lives.
  db.transactionSync(() => {
    const last = db.getBinary(key);
    const holder = last === undefined ? pid : last.readUInt32LE(0);
    if (holder !== pid && living().includes(holder)) {
      throw failure('E_LOCKED', `process ${holder} has ${file} open: end it first`);
    }
    db.put(key, token);
  });
}

function checkOwner() {
  const last = db.getBinary(key);
  if (last === undefined || !last.equals(token)) {
    throw failure('E_LOCKED', `another process took ${file} over: this one must end`);
  }
}

function disown() {
  const last = db.getBinary(key);
  if (last?.equals(token)) db.removeSync(key);
}

/** Of the disk that the file is on. */
function freeBytes() {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** @type {(() => { pageSize: number, lastPageNumber: number, treeBranchPageCount: number, treeLeafPageCount: number, overflowPages: number })} */
const stats = () => /** @type {any} */ (db.getStats());

/**
 * LMDB takes more room than it was given rather than refuse, so the bound is held here. And it may use a page at the
 * end of the file without writing it: the file is made long enough first, so that one that is shorter than its own
 * pages was cut.
 *
 * @param {ThreadRequest} request
 */
function makeRoom({ length, rows, grows }) {
  const { pageSize, lastPageNumber, treeBranchPageCount, treeLeafPageCount, overflowPages } = stats();
  const used = (treeBranchPageCount + treeLeafPageCount + overflowPages) * pageSize;
  if (grows && used + length * 1.5 > maxSize) {
    throw failure('E_DISK_FULL', `maxSize: ${used} of ${maxSize} bytes of ${file} are in use`);
  }
  const needed = ROOM + rows * 2 * pageSize + length * 2;
  if (grows && freeBytes() < needed) {
    throw failure('E_DISK_FULL', `no room on the disk: ${needed} bytes have to be free for ${file}`);
  }
  const most = (lastPageNumber + 1 + 64 + rows * 2) * pageSize + length * 2;
  if (statSync(file).size < most) truncateSync(file, most + GROWTH);
}

/** Memory of this thread alone, as LMDB wants it. */
let bytes = Buffer.allocUnsafeSlow(65_536);

/** The layout of rows is in rows.ts. @param {ThreadRequest} request */
function write({ memory, length }) {
  if (bytes.byteLength < length) bytes = Buffer.allocUnsafeSlow(length * 2);
  bytes.set(new Uint8Array(memory, 0, length));
  db.transactionSync(() => {
    checkOwner();
    for (let row = 0; row < length; ) {
      const keyEnd = row + 12 + bytes.readUInt16LE(row);
      const end = keyEnd + bytes.readUInt32LE(row + 4);
      const what = bytes[row + 2];
      if (what === 0) {
        bytes.writeUInt32LE(crc32(bytes.subarray(keyEnd + 4, end), bytes.readUInt32LE(row + 8)), keyEnd);
        db.put(bytes.subarray(row + 12, keyEnd), bytes.subarray(keyEnd, end));
      } else if (what === 1) {
        db.remove(bytes.subarray(row + 12, keyEnd));
      }
      row = end;
    }
  });
}

/** LMDB says EIO when the disk is full. @param {unknown} error @returns {NonNullable<ThreadAnswer['error']>} */
function explain(error) {
  const { code, message } = /** @type {{ code?: unknown, message: string }} */ (error);
  if (code === 'E_LOCKED' || code === 'E_FORMAT' || code === 'E_DISK_FULL') return { code, message };
  const what = `writing ${file}: ${message}`;
  try {
    // After a failure in the last step of a commit LMDB refuses everything, and asking it to write would crash.
    db.resetReadTxn();
    db.getBinary(key);
    if (freeBytes() < ROOM) return { code: 'E_DISK_FULL', message: `no room on the disk, ${what}` };
  } catch {}
  return { code: 'E_IO', message: what };
}

port.on('message', async (/** @type {ThreadRequest | 'close'} */ request) => {
  if (request === 'close') {
    try {
      disown();
    } catch {}
    await db.close();
    port.close();
    return;
  }
  /** @type {ThreadAnswer} */
  const answer = {};
  try {
    makeRoom(request);
    write(request);
  } catch (error) {
    answer.error = explain(error);
  }
  port.postMessage(answer);
});

try {
  own();
  port.postMessage({});
} catch (error) {
  const answer = { error: explain(error) };
  await db.close();
  port.postMessage(answer);
  port.close();
}
