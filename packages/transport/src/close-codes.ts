import { TransportError } from './errors.js';

/** Whether a close frame may carry this code (RFC 6455 section 7.4): 1000 to 1014 but 1004 to 1006, 3000 to 4999. */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
}

const MAX_REASON_BYTES = 123;

/**
 * For those who write a transport: refuses a code that may not be sent, and cuts the reason to the 123 bytes of
 * UTF-8 that fit a close frame, between two characters.
 * @throws TransportError `E_CLOSE_CODE`
 */
export function checkClose(code: number, reason: string): string {
  if (!isCloseCode(code)) {
    throw new TransportError(
      'E_CLOSE_CODE',
      `close code ${code} may not be sent: use 1000 to 1014 without 1004, 1005 and 1006, or 3000 to 4999`,
    );
  }
  const fitting = new Uint8Array(MAX_REASON_BYTES);
  const { read } = new TextEncoder().encodeInto(reason, fitting);
  return reason.slice(0, read);
}
