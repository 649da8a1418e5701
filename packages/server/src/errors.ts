/** Every `code` of this package. The README lists each with what to do. */
export const SERVER_ERROR_CODES = [
  'E_OPTION',
  'E_DIRECTORY',
  'E_CLIENT_ENTRY',
  'E_UNKNOWN_CLIENT',
  'E_PAYLOAD',
  'E_TRANSACTION',
  'E_HANDLER',
  'E_HANDLER_TIMEOUT',
  'E_REFUSED',
  'E_REPLACED',
  'E_HISTORY_GONE',
  'E_ORDER_AHEAD',
  'E_TOO_SLOW',
  'E_OVERLOADED',
  'E_RATE_LIMIT',
  'E_STORE',
  'E_CLOSED',
] as const;

export type ServerErrorCode = (typeof SERVER_ERROR_CODES)[number];

/**
 * What this package throws, rejects with and reports in events. Switch on `code`. The message says what is wrong
 * and what to do; it never holds keys or payloads.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
