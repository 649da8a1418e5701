/** Why bytes are not a message of the protocol, or a message cannot be written. */
export type FramingErrorCode =
  /** Not the XDR that the message demands; `cause` is the XdrError with path and offset. */
  | 'E_MALFORMED'
  /** A length is above the limit that the caller set. */
  | 'E_LIMIT'
  /** MESSAGE TYPE is not one that may come from this side. */
  | 'E_TYPE'
  /** TIMESTAMP is not a finite number. */
  | 'E_TIMESTAMP'
  /** ERROR text is not UTF-8. */
  | 'E_TEXT';

/** Thrown by every function of this package. Never holds payloads, keys or the challenge. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
  readonly code: FramingErrorCode;

  constructor(code: FramingErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
