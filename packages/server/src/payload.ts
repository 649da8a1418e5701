import { decodeJson, isReserved, type JsonOptions, SessionError, stringifyJson } from '@sealwire/session';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ServerError } from './errors.js';

/**
 * A payload that goes out, within the size that a client takes.
 *
 * @throws ServerError `E_PAYLOAD`
 */
export function encodePayload(payload: unknown, maxBytes: number): Uint8Array {
  let text: string;
  try {
    text = stringifyJson(payload);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // Its words become ours, so that they are not told twice; what it has below stays.
    throw new ServerError('E_PAYLOAD', error.message, { cause: error.cause });
  }
  const json = utf8(text);
  if (json.length > maxBytes) {
    throw new ServerError(
      'E_PAYLOAD',
      `the payload has ${json.length} bytes of JSON, more than limits.maxPayloadBytes (${maxBytes})`,
    );
  }
  return json;
}

/** Short ones are parts of Node's pool: memory for each alone takes longer than all that is done with it here. */
function utf8(text: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(text, 'utf8');
  return new Uint8Array(buffer, byteOffset, length);
}

/** Why a received payload does not reach the application; fit to be told to its sender. */
export class BadPayload extends Error {
  override readonly name = 'BadPayload';
  /** The same without what may be of the payload, for events. */
  readonly inEvents: string;

  constructor(
    message: string,
    { inEvents = message, ...options }: ErrorOptions & { inEvents?: string } = {},
  ) {
    super(message, options);
    this.inEvents = inEvents;
  }
}

/** @throws BadPayload */
export function decodePayload(json: Uint8Array, options: JsonOptions): unknown {
  try {
    return decodeJson(json, options);
  } catch (cause) {
    throw new BadPayload(cause instanceof Error ? cause.message : 'the payload is not JSON', { cause });
  }
}

/** @throws BadPayload for a type that is the library's own */
export function refuseReserved(payload: unknown): void {
  if (isReserved(payload)) throw new BadPayload('types that begin with "sealwire." are reserved');
}

/**
 * What the schema makes of the payload.
 *
 * @throws BadPayload naming the first issue and where it is
 */
export async function validate(payload: unknown, schema: StandardSchemaV1): Promise<unknown> {
  const result = await schema['~standard'].validate(payload);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  const place = path === undefined || path === '' ? 'the payload' : path;
  throw new BadPayload(`${place}: ${issue?.message ?? 'is not what is expected'}`, {
    inEvents: 'the payload does not fit the schema',
  });
}
