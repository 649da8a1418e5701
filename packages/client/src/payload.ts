import { encodeJson } from '@sealwire/session';
import { ClientError } from './errors.js';

/** @throws ClientError `E_JSON`, `E_OVERFLOW` */
export function encodePayload(payload: unknown, maxBytes: number): Uint8Array {
  let json: Uint8Array;
  try {
    json = encodeJson(payload);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'the payload cannot be written as JSON';
    throw new ClientError('E_JSON', message, { cause });
  }
  if (json.length > maxBytes) {
    throw new ClientError(
      'E_OVERFLOW',
      `the payload has ${json.length} bytes of JSON where a frame takes ${maxBytes}: split it, or raise maxFrameBytes on both sides`,
    );
  }
  return json;
}
