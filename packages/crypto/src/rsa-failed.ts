import { CryptoError } from './errors.js';

/** Wraps what an engine throws although its arguments were checked. */
export function rsaFailed(cause: unknown): never {
  if (cause instanceof CryptoError) throw cause;
  throw new CryptoError(
    'E_RSA',
    "The platform's RSA failed; this is no fault of the arguments. See `cause`.",
    {
      cause,
    },
  );
}
