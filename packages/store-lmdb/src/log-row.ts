import type { LogEntry } from '@sealwire/store';

/**
 * The value of a row of the log: checksum (4), time of addition (8), and messages of one client that were staged one
 * after the other, each with the length of its json (4), timestamp (8) and json. Its key has the ORDER of the last one,
 * so that the row which has an ORDER is the first one whose key is not smaller.
 */
export const LOG_HEADER = 12;
export const MESSAGE_HEADER = 12;

/**
 * A row takes messages up to this length: LMDB then puts three on a page, and none on pages of its own, which it would
 * have to find side by side.
 */
export const MOST_SHARED = 1_330;

/** Where the messages between these two places begin. Empty: it is no row of the log. */
export function messagesIn(view: DataView, value: number, end: number): number[] {
  const messages: number[] = [];
  for (let at = value + LOG_HEADER; at < end; ) {
    messages.push(at);
    at = at + MESSAGE_HEADER <= end ? endOfMessage(view, at) : Number.POSITIVE_INFINITY;
    if (at > end) return [];
  }
  return messages;
}

/**
 * Bytes of json of each message in a damaged row of this length that has so many ORDERs: how many they are, as far as they
 * can have found room, and how long together, which the first one stands for.
 */
export function sizesInDamaged(length: number, orders: bigint): number[] {
  const most = Math.max(1, Math.floor((length - LOG_HEADER) / MESSAGE_HEADER));
  const count = orders < BigInt(most) ? Number(orders) : most;
  const sizes = new Array<number>(count).fill(0);
  sizes[0] = Math.max(0, length - LOG_HEADER - count * MESSAGE_HEADER);
  return sizes;
}

export function endOfMessage(view: DataView, message: number): number {
  return message + MESSAGE_HEADER + sizeOfMessage(view, message);
}

/** Of its json. */
export function sizeOfMessage(view: DataView, message: number): number {
  return view.getUint32(message, true);
}

export function entryAt(bytes: Uint8Array, view: DataView, message: number, order: bigint): LogEntry {
  const json = bytes.subarray(message + MESSAGE_HEADER, endOfMessage(view, message));
  return { order, timestamp: view.getFloat64(message + 4, true), json };
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
