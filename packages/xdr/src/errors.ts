/** Every code an {@link XdrError} can carry. */
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
  | 'E_TARGET_FULL'
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

  /** Field that failed, such as `entries[3].name`; empty for the outermost value. */
  path = '';

  readonly #reason: string;

  constructor(code: XdrErrorCode, reason: string, offset = 0, options?: ErrorOptions) {
    super(`${reason} (byte ${offset})`, options);
    this.code = code;
    this.offset = offset;
    this.#reason = reason;
  }

  /**
   * Prefixes the path by the field name or index through which a composite codec reached the failure.
   * Called while the error travels outwards, so that paths cost nothing as long as nothing fails.
   */
  within(step: string | number): this {
    const own = typeof step === 'number' ? `[${step}]` : step;
    const dot = this.path === '' || this.path.startsWith('[') ? '' : '.';
    this.path = own + dot + this.path;
    this.message = `${this.path}: ${this.#reason} (byte ${this.offset})`;
    return this;
  }
}

/** For the `catch` of a composite codec: `throw within(error, 'name')`. Other errors pass unchanged. */
export function within(error: unknown, step: string | number): unknown {
  return error instanceof XdrError ? error.within(step) : error;
}
