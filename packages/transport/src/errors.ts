/** Everything that can go wrong before there is a link, or by misuse of one. */
export type TransportErrorCode =
  | 'E_URL'
  | 'E_OPTION'
  | 'E_INSECURE'
  | 'E_DNS'
  | 'E_DIAL_REFUSED'
  | 'E_DIAL_TIMEOUT'
  | 'E_DIAL_ABORTED'
  | 'E_DIAL_FAILED'
  | 'E_TLS'
  | 'E_HTTP_STATUS'
  | 'E_REDIRECT'
  | 'E_PORT_IN_USE'
  | 'E_LISTEN'
  | 'E_CLOSE_CODE'
  | 'E_STARTED'
  | 'E_OVERFLOW';

export interface TransportErrorDetails {
  readonly cause?: unknown;
  /** The HTTP status with which a server answered a dial. */
  readonly status?: number;
  /** Milliseconds that the server asked to wait before the next dial. */
  readonly retryAfter?: number;
  /** The answer came without TLS from another machine: anybody on the way may have written it. Default false. */
  readonly forgeable?: boolean;
}

/** Switch on `code`; `instanceof` fails when a program has two copies of this package. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;
  /** The HTTP status with which a server answered a dial; with `E_HTTP_STATUS` and `E_REDIRECT`. */
  readonly status: number | undefined;
  /** Milliseconds that the server asked to wait before the next dial; with 429 and 503, if it said so. */
  readonly retryAfter: number | undefined;
  /** The answer came without TLS from another machine: anybody on the way may have written it. */
  readonly forgeable: boolean;

  constructor(code: TransportErrorCode, message: string, details: TransportErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
    this.forgeable = details.forgeable ?? false;
  }
}
