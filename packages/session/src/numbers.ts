import { SessionError } from './errors.js';

/**
 * REQUEST_IDs are drawn from [2^62, 2^63) and a SEQUENCE stays below 2^62, so that a signed RPC can never pass for
 * a message nor a message for an RPC: in the documented layout the type is not under the signature.
 */
export const firstRequestId = 1n << 62n;

/** The highest REQUEST_ID, and the highest HYPER. */
const lastRequestId: bigint = 2n * firstRequestId - 1n;

/** The highest SEQUENCE. */
export const lastSequence: bigint = firstRequestId - 1n;

/** REQUEST_ID of what the server sends without having been asked; no request has it. */
export const unsolicited = -1n;

/** A fresh REQUEST_ID: 2^62 plus 62 random bits. */
export function randomRequestId(randomBytes: (length: number) => Uint8Array): bigint {
  const bytes = randomBytes(8);
  const random = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  return firstRequestId + (random & lastSequence);
}

/** @throws SessionError `E_SEQUENCE` for what no message may carry */
export function assertSequence(sequence: bigint): void {
  if (sequence < 0n || sequence > lastSequence) {
    throw new SessionError('E_SEQUENCE', 'SEQUENCE lies outside 0 to 2^62 - 1');
  }
}

/** @throws SessionError `E_REQUEST_ID` for what could pass for a SEQUENCE, or is no HYPER */
export function assertRequestId(requestId: bigint): void {
  if (requestId < firstRequestId || requestId > lastRequestId) {
    throw new SessionError('E_REQUEST_ID', 'REQUEST_ID lies outside 2^62 to 2^63 - 1');
  }
}
