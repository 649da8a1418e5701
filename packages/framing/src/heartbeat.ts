const HEARTBEAT = 0x00;

/** One zero byte, in the clear, server to client. */
export function heartbeat(): Uint8Array {
  return Uint8Array.of(HEARTBEAT);
}

/** Exactly the single byte 0x00; any other single byte is not a frame at all. */
export function isHeartbeat(frame: Uint8Array): boolean {
  return frame.length === 1 && frame[0] === HEARTBEAT;
}
