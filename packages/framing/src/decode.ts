import { Reader, XdrError } from '@sealwire/xdr';
import { FramingError } from './errors.js';

/** Reads one whole XDR message, as `wholeReader` does: `read` takes the fields, nothing may follow them. */
export function decodeWhole<T>(bytes: Uint8Array, what: string, read: (reader: Reader) => T): T {
  try {
    const reader = wholeReader(bytes);
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    throw malformed(what, error);
  }
}

const views = { copy: false };

/** What is read of `bytes` may hold views into them. */
export function wholeReader(bytes: Uint8Array): Reader {
  return new Reader(bytes, views);
}

/** An error of the reader in the words of this package; any other as it is. */
export function malformed(what: string, error: unknown): unknown {
  if (!(error instanceof XdrError)) return error;
  const code = error.code === 'E_LENGTH' ? 'E_LIMIT' : 'E_MALFORMED';
  // What and where it is, the cause says.
  return new FramingError(code, `the ${what} is malformed`, { cause: error });
}
