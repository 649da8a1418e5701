import { Reader, XdrError } from '@sealwire/xdr';
import { FramingError } from './errors.js';

/**
 * Reads one whole XDR message: `read` takes the fields, nothing may follow them. What it returns may hold views
 * into `bytes`.
 */
export function decodeWhole<T>(bytes: Uint8Array, what: string, read: (reader: Reader) => T): T {
  try {
    const reader = new Reader(bytes, { copy: false });
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    if (!(error instanceof XdrError)) throw error;
    const code = error.code === 'E_LENGTH' ? 'E_LIMIT' : 'E_MALFORMED';
    // What and where it is, the cause says.
    throw new FramingError(code, `the ${what} is malformed`, { cause: error });
  }
}
