/** Every `code` that this package throws or rejects with. */
export type CryptoErrorCode =
  | 'E_ARGUMENT'
  | 'E_TOO_LONG'
  | 'E_DECRYPT'
  | 'E_OPEN'
  | 'E_AES_KEY'
  | 'E_EXHAUSTED'
  | 'E_DESTROYED'
  | 'E_NO_RANDOM'
  | 'E_NO_WEBCRYPTO'
  | 'E_RSA'
  | 'E_EXTERNAL'
  | 'E_BUSY'
  | 'E_KEY_FORMAT'
  | 'E_KEY_MULTIPLE'
  | 'E_KEY_PRIVATE'
  | 'E_KEY_PUBLIC'
  | 'E_KEY_CERTIFICATE'
  | 'E_KEY_NOT_RSA'
  | 'E_KEY_RSA_PSS'
  | 'E_KEY_ENCRYPTED'
  | 'E_KEY_PASSPHRASE'
  | 'E_KEY_MODULUS'
  | 'E_KEY_EXPONENT'
  | 'E_KEY_MISMATCH'
  | 'E_KEY_UNSUPPORTED'
  | 'E_PORTABLE_PRIVATE'
  | 'E_NOT_EXTRACTABLE';

/** The one error class of this package. Switch on `code`; the message says what is wrong and what to do. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
