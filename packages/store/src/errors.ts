/** Every code a store may fail with. Switch on `error.code`; never on the message or on `instanceof`. */
export const STORE_ERROR_CODES = [
  'E_ARGUMENT',
  'E_COMMIT',
  'E_FENCED',
  'E_SEQUENCE',
  'E_FULL',
  'E_CLOSED',
  'E_CORRUPT',
  'E_FORMAT',
  'E_LOCKED',
  'E_DISK_FULL',
  'E_IO',
] as const;

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number];

/** The one error of this package and of every store. Never contains payloads, values or pins. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
