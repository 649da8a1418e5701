import { STORE_LIMITS } from '@sealwire/store';

/** What is said about a client in its row. */
export interface ClientRow {
  readonly number: number;
  readonly epoch: bigint;
  readonly lastSequence: bigint;
  readonly head: bigint;
  readonly removedUpTo: bigint;
  /** Bytes of kept messages, as retention counts them. */
  readonly bytes: number;
  readonly refusals: number;
  /** The highest SEQUENCE of a refusal that was removed; -1n: none. */
  readonly refusalsRemovedUpTo: bigint;
  /** The last second for which a time row was written. */
  readonly second: number;
  readonly layout: string | undefined;
}

const FIXED = 61;
const scratch = Buffer.alloc(FIXED + STORE_LIMITS.layout);
const view = new DataView(scratch.buffer, scratch.byteOffset);

/** The bytes given hold until the next call. */
export function encodeClient(row: ClientRow): Uint8Array {
  view.setUint32(0, row.number, true);
  view.setBigUint64(4, row.epoch, true);
  view.setBigInt64(12, row.lastSequence, true);
  view.setBigUint64(20, row.head, true);
  view.setBigUint64(28, row.removedUpTo, true);
  view.setFloat64(36, row.bytes, true);
  view.setUint32(44, row.refusals, true);
  view.setUint32(48, row.second, true);
  view.setBigInt64(52, row.refusalsRemovedUpTo, true);
  scratch[60] = row.layout === undefined ? 0 : 1;
  return scratch.subarray(0, FIXED + (row.layout ? scratch.write(row.layout, FIXED) : 0));
}

export function decodeClient(body: Buffer): ClientRow {
  return {
    number: body.readUInt32LE(0),
    epoch: body.readBigUInt64LE(4),
    lastSequence: body.readBigInt64LE(12),
    head: body.readBigUInt64LE(20),
    removedUpTo: body.readBigUInt64LE(28),
    bytes: body.readDoubleLE(36),
    refusals: body.readUInt32LE(44),
    second: body.readUInt32LE(48),
    refusalsRemovedUpTo: body.readBigInt64LE(52),
    layout: body[60] === 1 ? body.toString('utf8', FIXED) : undefined,
  };
}

/** What is said about the whole store. */
export interface Totals {
  /** The number of the next client. */
  nextNumber: number;
  /** Bytes of kept messages of all clients. */
  logBytes: number;
  /** What an operator raised ORDER to: where the log of a new client begins. */
  orderBase: bigint;
}

export function encodeTotals({ nextNumber, logBytes, orderBase }: Totals): Buffer {
  const body = Buffer.allocUnsafe(20);
  body.writeUInt32LE(nextNumber, 0);
  body.writeDoubleLE(logBytes, 4);
  body.writeBigUInt64LE(orderBase, 12);
  return body;
}

export function decodeTotals(body: Buffer): Totals {
  return {
    nextNumber: body.readUInt32LE(0),
    logBytes: body.readDoubleLE(4),
    orderBase: body.readBigUInt64LE(12),
  };
}
