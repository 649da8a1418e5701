import { encodeJson } from './json.js';

/**
 * RPC types that the server library answers itself. No payload whose `@type` begins so reaches an application.
 */
export const reservedPrefix = 'sealwire.';

export const checkpointType = 'sealwire.Checkpoint';
export const errorType = 'sealwire.Error';

/**
 * The first sealed frame of a hardened session, in an RPC that answers nothing: by it, not by a heartbeat, the client
 * knows that the server is there.
 */
export const signOfLife: Uint8Array = encodeJson({ '@type': checkpointType });

/** Is this payload for the library? */
export function isReserved(payload: unknown): payload is { readonly '@type': string } {
  return typeOf(payload)?.startsWith(reservedPrefix) ?? false;
}

/** The discriminator of a payload, where it is an object that has one. */
export function typeOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('@type' in payload)) return undefined;
  const type = payload['@type'];
  return typeof type === 'string' ? type : undefined;
}

/** Asks for the last SEQUENCE that is durable and for the refusals after `confirmed`. HYPERs are decimal strings. */
export interface CheckpointRequest {
  readonly '@type': typeof checkpointType;
  readonly confirmed: string;
}

export interface CheckpointAnswer {
  readonly '@type': typeof checkpointType;
  readonly last_seen_sequence: string;
  /** Messages after `confirmed` that the application refused, ascending. */
  readonly refused: readonly { readonly sequence: string; readonly reason: string }[];
  /**
   * Given where refusals after `confirmed` were forgotten: what was consumed up to here and is not in `refused` may have
   * been accepted or refused.
   */
  readonly unknown_up_to?: string;
}

/** The answer to a request that failed; a client's `call` rejects with it. */
export interface ErrorAnswer {
  readonly '@type': typeof errorType;
  readonly code: string;
  readonly message: string;
}
