import { createHash, randomBytes } from 'node:crypto';

/** The frames of RFC 6455, section 5, with every field free to be wrong. */
export interface FrameFields {
  readonly opcode: number;
  readonly fin?: boolean;
  /** The three reserved bits as a number from 0 to 7. */
  readonly rsv?: number;
  readonly masked: boolean;
  /** What the header says, if it lies. */
  readonly length?: bigint;
  readonly payload: Uint8Array;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function encodeFrame({ opcode, fin = true, rsv = 0, masked, length, payload }: FrameFields): Buffer {
  const said = length ?? BigInt(payload.length);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const maskBit = masked ? 0x80 : 0;
  const header = [Buffer.of(first, maskBit | (said < 126n ? Number(said) : said < 65_536n ? 126 : 127))];
  if (said >= 126n) {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(said);
    header.push(said < 65_536n ? wide.subarray(6) : wide);
  }
  if (!masked) return Buffer.concat([...header, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([...header, mask, applyMask(payload, mask)]);
}

export function closePayload(code: number, reason: string): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Reads what a well-behaved peer writes, and says where it does not behave. */
export class FrameReader {
  readonly #masked: boolean;
  #bytes: Buffer = Buffer.alloc(0);
  #message: { opcode: number; parts: Buffer[] } | undefined;

  /** @param masked frames come from the client */
  constructor(masked: boolean) {
    this.#masked = masked;
  }

  /** @throws Error where RFC 6455 is broken */
  push(chunk: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      const whole = this.#join(frame);
      if (whole !== undefined) frames.push(whole);
    }
    return frames;
  }

  #next(): (Frame & { fin: boolean }) | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
    if ((first & 0x70) !== 0) throw new Error('the peer set a reserved bit');
    if (((second & 0x80) !== 0) !== this.#masked) throw new Error('masks come from clients, and always');
    const short = second & 0x7f;
    const headerLength = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (this.#masked ? 4 : 0);
    if (bytes.length < headerLength) return undefined;
    const length =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < headerLength + length) return undefined;
    const body = bytes.subarray(headerLength, headerLength + length);
    const payload = this.#masked ? applyMask(body, bytes.subarray(headerLength - 4, headerLength)) : body;
    this.#bytes = bytes.subarray(headerLength + length);
    return { opcode: first & 0x0f, fin: first >= 0x80, payload };
  }

  #join({ opcode, fin, payload }: Frame & { fin: boolean }): Frame | undefined {
    if (opcode >= 8) return { opcode, payload };
    if ((opcode === 0) === (this.#message === undefined)) throw new Error('the fragments are out of order');
    this.#message ??= { opcode, parts: [] };
    this.#message.parts.push(payload);
    if (!fin) return undefined;
    const whole = { opcode: this.#message.opcode, payload: Buffer.concat(this.#message.parts) };
    this.#message = undefined;
    return whole;
  }
}

/** RFC 6455, section 1.3. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function applyMask(payload: Uint8Array, mask: Uint8Array): Buffer {
  const bytes = Buffer.from(payload);
  for (let index = 0; index < bytes.length; index += 1) bytes[index]! ^= mask[index & 3]!;
  return bytes;
}
