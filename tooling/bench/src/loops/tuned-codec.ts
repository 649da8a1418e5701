import { blobBytes, type Row } from './row.js';

/** Making a `DataView` of every input would take longer than the rest. */
const scratch = new DataView(new ArrayBuffer(8));

/** The codec that is written by hand once more, byte by byte: nobody would keep that up for many structs. */
export function encodeTuned({ kind, id, price, blob }: Row, target: Uint8Array): number {
  if (blob.length !== blobBytes) throw new RangeError(`expected ${blobBytes} bytes`);
  setWord(target, 0, kind === 'buy' ? 0 : 1);
  scratch.setBigInt64(0, id);
  setWord(target, 4, scratch.getInt32(0));
  setWord(target, 8, scratch.getInt32(4));
  scratch.setFloat64(0, price);
  setWord(target, 12, scratch.getInt32(0));
  setWord(target, 16, scratch.getInt32(4));
  target.set(blob, 20);
  return 20 + blobBytes;
}

/** The blob is a view. */
export function decodeTuned(bytes: Uint8Array): Row {
  if (bytes.length !== 20 + blobBytes) throw new RangeError(`expected ${20 + blobBytes} bytes`);
  const kind = getWord(bytes, 0);
  if (kind !== 0 && kind !== 1) throw new RangeError('no such kind');
  scratch.setInt32(0, getWord(bytes, 4));
  scratch.setInt32(4, getWord(bytes, 8));
  const id = scratch.getBigInt64(0);
  scratch.setInt32(0, getWord(bytes, 12));
  scratch.setInt32(4, getWord(bytes, 16));
  return { kind: kind === 0 ? 'buy' : 'sell', id, price: scratch.getFloat64(0), blob: bytes.subarray(20) };
}

function setWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

function getWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
