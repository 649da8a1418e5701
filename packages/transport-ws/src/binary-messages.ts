const FIN_BINARY = 0x82;

/**
 * Frames as the messages of a server, one behind the other (RFC 6455, section 5.2: whole, binary, not masked). `ws`
 * would write each of them in two pieces, which costs more than sealing it.
 */
export function binaryMessages(frames: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const { length } of frames) size += headerLength(length) + length;
  const messages = Buffer.allocUnsafe(size);
  let at = 0;
  for (const frame of frames) {
    at = writeHeader(messages, at, frame.length);
    messages.set(frame, at);
    at += frame.length;
  }
  return messages;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Returns where the payload begins. */
function writeHeader(messages: Buffer, at: number, length: number): number {
  messages[at] = FIN_BINARY;
  if (length < 126) {
    messages[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    messages[at + 1] = 126;
    return messages.writeUInt16BE(length, at + 2);
  }
  messages[at + 1] = 127;
  return messages.writeBigUInt64BE(BigInt(length), at + 2);
}
