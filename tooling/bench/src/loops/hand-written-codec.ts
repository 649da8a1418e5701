import { blobBytes, type Row } from './row.js';

/**
 * What somebody would write who has this one struct only, with the checks that the bytes need: the member of the enum,
 * the length, the end. 200 is a multiple of 4, so there is no padding.
 */
export function encodeByHand({ kind, id, price, blob }: Row, target: Uint8Array): number {
  if (blob.length !== blobBytes) throw new RangeError(`expected ${blobBytes} bytes`);
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setInt32(0, kind === 'buy' ? 0 : 1);
  view.setBigInt64(4, id);
  view.setFloat64(12, price);
  target.set(blob, 20);
  return 20 + blobBytes;
}

/** The blob is a view. */
export function decodeByHand(bytes: Uint8Array): Row {
  if (bytes.length !== 20 + blobBytes) throw new RangeError(`expected ${20 + blobBytes} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getInt32(0);
  if (kind !== 0 && kind !== 1) throw new RangeError('no such kind');
  return {
    kind: kind === 0 ? 'buy' : 'sell',
    id: view.getBigInt64(4),
    price: view.getFloat64(12),
    blob: bytes.subarray(20),
  };
}
