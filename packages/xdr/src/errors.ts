/** Every code an {@link XdrError} can carry; the README says what each means. */
export type XdrErrorCode =
  | 'E_TRUNCATED'
  | 'E_TRAILING'
  | 'E_PADDING'
  | 'E_BOOL'
  | 'E_ENUM'
  | 'E_UNION'
  | 'E_LENGTH'
  | 'E_UTF8'
  | 'E_DEPTH'
  | 'E_MAX_BYTES'
  | 'E_TYPE'
  | 'E_RANGE'
  | 'E_FULL'
  | 'E_OPTION'
  | 'E_CODEC';

/**
 * The only error this package throws. Switch on `code`; the message never holds the bytes or the text
 * that were being coded.
 */
export class XdrError extends Error {
  override readonly name = 'XdrError';
  readonly code: XdrErrorCode;

  /** Byte at which decoding or encoding failed, counted from where the value begins. */
  readonly offset: number;

  /**
   * Field that failed, such as `entries[3].name`; empty for the outermost value. Of a field deep inside of a recursive
   * type it is the end of the path, some 200 characters.
   */
  path = '';

  constructor(code: XdrErrorCode, reason: string, offset = 0, options?: ErrorOptions) {
    super(`${reason} (byte ${offset})`, options);
    this.code = code;
    this.offset = offset;
  }
}

/** Characters from which on a path grows no more: built level by level, a long one would take the square of its length. */
const longPath = 200;

/**
 * For the `catch` of a composite codec, `throw within(error, 'name')`: prefixes the path by the field name
 * or index through which the codec reached the failure. Added on the way out, paths cost nothing as long
 * as nothing fails. Other errors pass unchanged.
 */
export function within(error: unknown, step: string | number): unknown {
  if (error instanceof XdrError && error.path.length < longPath) {
    const { path, message } = error;
    const head = typeof step === 'number' ? `[${step}]` : step;
    error.path = head + (path === '' || path.startsWith('[') ? path : `.${path}`);
    error.message = `${error.path}: ${path === '' ? message : message.slice(path.length + 2)}`;
  }
  return error;
}
