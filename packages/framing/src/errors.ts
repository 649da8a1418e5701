/** Why bytes are not a message of the protocol, or a message cannot be written. */
export type FramingErrorCode =
  /** Not the XDR that the message demands; `cause` is the XdrError with the offset. */
  | 'E_MALFORMED'
  /** A length is above the limit that the caller set, or a message above the 16 MiB that can be written. */
  | 'E_LIMIT'
  /** MESSAGE TYPE is not one that may come from this side. */
  | 'E_TYPE'
  /** TIMESTAMP is not a finite number. */
  | 'E_TIMESTAMP'
  /** ERROR text is not UTF-8. */
  | 'E_TEXT'
  /** A field to be written has not the type or the range that XDR demands, such as a HYPER of 2^63. */
  | 'E_FIELD';

/** The only error that this package throws. Never holds payloads, keys or the challenge. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
  readonly code: FramingErrorCode;

  constructor(code: FramingErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
