import { encodeJson, SessionError } from '@sealwire/session';
import { ClientError } from './errors.js';

/** @throws ClientError `E_JSON`, `E_OVERFLOW` */
export function encodePayload(payload: unknown, maxBytes: number): Uint8Array {
  let json: Uint8Array;
  try {
    json = encodeJson(payload);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // Its words become ours, so that they are not told twice; what it has below stays.
    throw new ClientError('E_JSON', error.message, { cause: error.cause });
  }
  if (json.length > maxBytes) {
    throw new ClientError(
      'E_OVERFLOW',
      `the payload has ${json.length} bytes of JSON where a frame takes ${maxBytes}: split it, or raise maxFrameBytes on both sides`,
    );
  }
  return json;
}
