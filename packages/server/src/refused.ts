import { isRefusalCode } from '@sealwire/session';
import { ServerError } from './errors.js';

/**
 * Thrown by a message handler: the message is the client's fault. Its SEQUENCE is consumed together with `reason`,
 * what the handler published and put is dropped, and the client gets ERROR with `reason` and a close.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** The close code. */
  readonly code: number;

  /**
   * @param reason told to the client; control characters are escaped, cut to 4 KiB
   * @param options.code 1007 (default), 4002, or one of the application's own from 4200 to 4999
   * @throws ServerError `E_OPTION` for another code
   */
  constructor(reason: string, options: { readonly code?: number; readonly cause?: unknown } = {}) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    const code = options.code ?? 1007;
    if (!isRefusalCode(code)) {
      throw new ServerError(
        'E_OPTION',
        `code: a message is refused with 1007, 4002 or 4200 to 4999, not ${code}`,
      );
    }
    this.code = code;
  }
}

/**
 * Thrown by a request handler: the request is answered with `{"@type":"sealwire.Error",code,message}`. The session
 * goes on; what the handler published and put is dropped.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** For the client's program. */
  readonly code: string;

  /**
   * @param message told to the client; control characters are escaped, cut to 4 KiB
   * @throws ServerError `E_OPTION` if the code is no string
   */
  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    if (typeof code !== 'string')
      throw new ServerError('E_OPTION', 'code: the code of a RequestError is a string');
    this.code = code;
  }
}
