// Plain JavaScript: Node loads a worker itself, and in tests it does so from here.
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import { Room } from './room.js';

/**
 * The only place that writes. Each transaction is begun, filled, flushed and ended here, so that no flush and no page
 * that must be fetched ever holds up the thread of the sockets, and so that an error is the one that happened.
 *
 * @typedef {import('./writer.js').ThreadData} ThreadData
 * @typedef {import('./writer.js').ThreadRequest} ThreadRequest
 * @typedef {import('./writer.js').ThreadAnswer} ThreadAnswer
 */

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { file, options, maxSize, formatKey, format, ownerKey, owner, pid } = /** @type {ThreadData} */ (
  workerData
);
/** Bytes of a row that LMDB puts beside others. */
const SMALL = 1_500;
const PAGE_HEADER = 16;

const token = Buffer.from(owner);
const key = Buffer.from(ownerKey);
const db = open(file, options);
const room = new Room(file, maxSize);
/** A write has failed: nothing is written any more, because LMDB may bring the process down. */
let failed = false;

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
    // Only whoever writes may touch the end of the file.
    room.make(stats(), { length: 64, rows: 1, grows: false }, none, () => true);
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
  if (failed) return;
  db.transactionSync(() => {
    const last = db.getBinary(key);
    if (!last?.equals(token)) return;
    room.make(stats(), { length: 0, rows: 1, grows: false }, none, () => true);
    db.remove(key);
  });
}

/** @type {() => import('./room.js').Stats} */
const stats = () => /** @type {any} */ (db.getStats());

const none = () => 0;

/** Whether somebody still reads what was there before the last transaction: then free pages stay as they are. */
function isRead() {
  const { lastTxnId } = /** @type {{ lastTxnId: number }} */ (/** @type {any} */ (db.getStats()));
  return [...db.readerList().matchAll(/^\s*\d+ \S+ (\d+)\s*$/gm)].some(([, id]) => Number(id) < lastTxnId);
}

/**
 * The layout of rows is in rows.ts.
 *
 * @param {number} length
 * @param {(what: number, rowKey: Buffer, value: number, end: number, row: number) => void} visit
 */
function eachRow(length, visit) {
  for (let row = 0; row < length; ) {
    const value = row + 12 + bytes.readUInt16LE(row);
    const end = value + bytes.readUInt32LE(row + 4);
    visit(bytes.readUInt8(row + 2), bytes.subarray(row + 12, value), value, end, row);
    row = end;
  }
}

/** Whether a row needs pages side by side, which may not be found. @param {number} length */
function hasLarge(length) {
  let large = false;
  eachRow(length, (_, __, value, end) => {
    large ||= end - value > SMALL;
  });
  return large;
}

/** Pages of the large values that rows remove or overwrite. @param {number} length @param {number} pageSize */
function freedBy(length, pageSize) {
  let pages = 0;
  eachRow(length, (_, rowKey) => {
    const size = db.getBinary(rowKey)?.byteLength ?? 0;
    if (size > SMALL) pages += Math.ceil((size + PAGE_HEADER) / pageSize);
  });
  return pages;
}

/** Memory of this thread alone, as LMDB wants it. */
let bytes = Buffer.allocUnsafeSlow(65_536);

/** @param {ThreadRequest} request */
function write(request) {
  const { memory, length } = request;
  if (bytes.byteLength < length) bytes = Buffer.allocUnsafeSlow(length * 2);
  bytes.set(new Uint8Array(memory, 0, length));
  db.transactionSync(() => {
    checkOwner();
    room.make(
      stats(),
      request,
      (pageSize) => freedBy(length, pageSize),
      () => !isRead() && !hasLarge(length),
    );
    eachRow(length, (what, rowKey, value, end, row) => {
      if (what === 0) {
        bytes.writeUInt32LE(crc32(bytes.subarray(value + 4, end), bytes.readUInt32LE(row + 8)), value);
        db.put(rowKey, bytes.subarray(value, end));
      } else if (what === 1) {
        db.remove(rowKey);
      }
    });
  });
}

/** @param {unknown} error @returns {NonNullable<ThreadAnswer['error']>} */
function explain(error) {
  const { code, message } = /** @type {{ code?: unknown, message: string }} */ (error);
  if (code === 'E_LOCKED' || code === 'E_FORMAT' || code === 'E_DISK_FULL') return { code, message };
  failed = true;
  return { code: 'E_IO', message: `writing ${file}: ${message}` };
}

port.on('message', async (/** @type {ThreadRequest | 'close'} */ request) => {
  if (request === 'close') {
    try {
      disown();
    } catch {}
    await db.close();
    room.close();
    port.close();
    return;
  }
  /** @type {ThreadAnswer} */
  const answer = {};
  try {
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
  room.close();
  port.postMessage(answer);
  port.close();
}
