/** Every `code` that this package throws or rejects with, or stops with. The README says what to do about each. */
export const clientErrorCodes = [
  // Misuse and bounds
  'E_OPTION',
  'E_STATE',
  'E_JSON',
  'E_OVERFLOW',
  'E_OUTBOX_FULL',
  'E_CALLS_FULL',
  // The end of waiting
  'E_ABORTED',
  'E_TIMEOUT',
  'E_CONNECT_TIMEOUT',
  'E_CLOSED',
  'E_UNTRUSTED',
  // Messages and calls
  'E_OUTCOME_UNKNOWN',
  'E_CALL_UNKNOWN',
  'E_CALL_NOT_SENT',
  'E_REQUEST_FAILED',
  'E_ANSWER',
  // Why there is no link just now
  'E_DIAL',
  'E_LOST',
  // Why the client stopped
  'E_REFUSED',
  'E_HANDSHAKE',
  'E_UNHARDENED',
  'E_TAKEN_OVER',
  'E_SEQUENCE',
  'E_HISTORY_GONE',
  'E_AHEAD',
  'E_STUCK',
  'E_DESYNC',
  'E_HANDLER',
  'E_MESSAGE',
  'E_STORE',
] as const;

export type ClientErrorCode = (typeof clientErrorCodes)[number];

export interface ClientErrorDetails {
  readonly cause?: unknown;
  readonly closeCode?: number | undefined;
  readonly remoteCode?: string | undefined;
}

/** The one error of this package. Switch on `code`; it never holds keys or payloads. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  /** With `E_LOST` and the stops that a close caused: its code. */
  readonly closeCode: number | undefined;
  /** With `E_REQUEST_FAILED`: the code that the server gave. */
  readonly remoteCode: string | undefined;

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.closeCode = details.closeCode;
    this.remoteCode = details.remoteCode;
  }
}

export function storeFailed(cause: unknown): ClientError {
  return new ClientError('E_STORE', 'the client state failed: see the cause', { cause });
}

/** The stable `code` of an error of any package, where it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
