import { Writer, XdrError } from '@sealwire/xdr';
import { FramingError } from './errors.js';

/** No link takes a larger message: 16 MiB. */
export const maxMessageBytes = 16_777_216;

/**
 * Writes one whole XDR message.
 *
 * @param capacity the bytes that the message needs at most, so that no half of it stays behind in a buffer that grew
 */
export function encodeWhole(what: string, capacity: number, write: (writer: Writer) => void): Uint8Array {
  if (capacity > maxMessageBytes) {
    throw new FramingError('E_LIMIT', `the ${what} would be longer than ${maxMessageBytes} bytes`);
  }
  try {
    const writer = new Writer({ capacity });
    write(writer);
    return writer.bytes();
  } catch (error) {
    if (!(error instanceof XdrError)) throw error;
    throw new FramingError('E_FIELD', `the ${what} cannot be written`, { cause: error });
  }
}
