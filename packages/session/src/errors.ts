/** Why a session ended or a call on it was refused. The README lists each code with what to do. */
export type SessionErrorCode =
  | 'E_HANDSHAKE'
  | 'E_CHALLENGE_REFUSED'
  | 'E_TAG'
  | 'E_UNHARDENED'
  | 'E_DEADLINE'
  | 'E_SILENT'
  | 'E_FRAME'
  | 'E_CRYPTO'
  | 'E_TEXT_FRAME'
  | 'E_SEQUENCE'
  | 'E_ORDER'
  | 'E_REQUEST_ID'
  | 'E_JSON'
  | 'E_OVERFLOW'
  | 'E_STATE';

/**
 * Thrown by calls that break a session's rules and handed to the port when a session ends.
 * The message says what is wrong; it never holds keys, payloads or the challenge.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
