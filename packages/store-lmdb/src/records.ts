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
  /** The last minute for which a time row was written. */
  readonly minute: number;
  readonly layout: string | undefined;
}

const FIXED = 53;

export function encodeClient(row: ClientRow): Buffer {
  const layout = row.layout ?? '';
  const body = Buffer.allocUnsafe(FIXED + Buffer.byteLength(layout));
  body.writeUInt32LE(row.number, 0);
  body.writeBigUInt64LE(row.epoch, 4);
  body.writeBigInt64LE(row.lastSequence, 12);
  body.writeBigUInt64LE(row.head, 20);
  body.writeBigUInt64LE(row.removedUpTo, 28);
  body.writeDoubleLE(row.bytes, 36);
  body.writeUInt32LE(row.refusals, 44);
  body.writeUInt32LE(row.minute, 48);
  body[52] = row.layout === undefined ? 0 : 1;
  body.write(layout, FIXED);
  return body;
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
    minute: body.readUInt32LE(48),
    layout: body[52] === 1 ? body.toString('utf8', FIXED) : undefined,
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
