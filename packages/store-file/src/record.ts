import { crc32 } from 'node:zlib';
import type { ImageChange } from '@sealwire/store/kit';

/**
 * A record is what one flush wrote: whole sectors, so that no write touches the sector of an older record.
 *
 *     u32 number    from 0 in each file
 *     u32 length    of the body, filled up to the end of its last sector
 *     u32 crc       of the body
 *     u32 crc       of the twelve bytes before
 *     body
 *
 * Big-endian; CRC-32 (ISO-HDLC) that begins with the salt of the file, so that what an older file left on the
 * same blocks is not taken for a record.
 */
export const SECTOR = 512;
export const RECORD_HEADER = 16;

/** What fills the last sector. Not zero: a sector of zeros is one that never reached the disk. */
const FILLING = 0xff;
const FIELDS = 5 * 8 + 1 + 1 + 4 + 4;
const NO_PIN = 1;
const SOME_PIN = 2;

export interface RecordHeader {
  readonly number: number;
  readonly length: number;
  readonly bodyCrc: number;
}

export function encodeRecord(salt: number, number: number, change: ImageChange): Buffer {
  const bytes = encodeBody(change);
  bytes.writeUInt32BE(number, 0);
  bytes.writeUInt32BE(bytes.length - RECORD_HEADER, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(RECORD_HEADER), salt), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 12), salt), 12);
  return bytes;
}

/** undefined if it does not match its checksum. At least 16 bytes must be there. */
export function decodeHeader(salt: number, bytes: Buffer, offset: number): RecordHeader | undefined {
  if (crc32(bytes.subarray(offset, offset + 12), salt) !== bytes.readUInt32BE(offset + 12)) return undefined;
  return {
    number: bytes.readUInt32BE(offset),
    length: bytes.readUInt32BE(offset + 4),
    bodyCrc: bytes.readUInt32BE(offset + 8),
  };
}

function encodeBody({ appended, pin, ...fields }: ImageChange): Buffer {
  const pinBytes = pin ?? new Uint8Array(0);
  const used = appended.reduce(
    (sum, { json }) => sum + 4 + json.byteLength,
    RECORD_HEADER + FIELDS + pinBytes.length,
  );
  const bytes = Buffer.allocUnsafe(Math.ceil(used / SECTOR) * SECTOR).fill(FILLING, used);
  const { savedOrder, reservedOrder, firstIndex, nextIndex, sequenceOffset } = fields;
  let at = RECORD_HEADER;
  for (const hyper of [savedOrder, reservedOrder, firstIndex, nextIndex, sequenceOffset ?? 0n]) {
    at = bytes.writeBigInt64BE(hyper, at);
  }
  at = bytes.writeUInt8(sequenceOffset === undefined ? 0 : 1, at);
  at = bytes.writeUInt8(pin === undefined ? 0 : pin === null ? NO_PIN : SOME_PIN, at);
  at = writeOpaque(bytes, pinBytes, at);
  at = bytes.writeUInt32BE(appended.length, at);
  for (const { json } of appended) at = writeOpaque(bytes, json, at);
  return bytes;
}

/** Throws a RangeError if the body is not one of a record: its checksum has matched before. */
export function decodeBody(bytes: Buffer): ImageChange {
  const [savedOrder, reservedOrder, firstIndex, nextIndex, offset] = [0, 8, 16, 24, 32].map((at) =>
    bytes.readBigInt64BE(at),
  ) as [bigint, bigint, bigint, bigint, bigint];
  const hasOffset = bytes.readUInt8(40) === 1;
  const pinKind = bytes.readUInt8(41);
  const pin = readOpaque(bytes, 42);
  let at = 46 + pin.length;
  const count = bytes.readUInt32BE(at);
  at += 4;
  const appended = [];
  for (let i = 0; i < count; i++) {
    const json = readOpaque(bytes, at);
    appended.push({ index: nextIndex - BigInt(count - i), json });
    at += 4 + json.length;
  }
  return {
    savedOrder,
    reservedOrder,
    firstIndex,
    nextIndex,
    sequenceOffset: hasOffset ? offset : undefined,
    appended,
    pin: pinKind === SOME_PIN ? pin : pinKind === NO_PIN ? null : undefined,
  };
}

function writeOpaque(bytes: Buffer, opaque: Uint8Array, at: number): number {
  bytes.set(opaque, bytes.writeUInt32BE(opaque.byteLength, at));
  return at + 4 + opaque.byteLength;
}

/** A copy, so that the file it was read from can be forgotten. */
function readOpaque(bytes: Buffer, at: number): Uint8Array {
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw new RangeError('a length beyond the record');
  return Uint8Array.from(bytes.subarray(at + 4, end));
}
