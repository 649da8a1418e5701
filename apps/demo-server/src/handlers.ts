import { codeOf } from '@sealwire/demo-common';
import {
  type IncomingMessage,
  type IncomingRequest,
  Refused,
  RequestError,
  type Transaction,
} from '@sealwire/server';
import { emit, readEmit } from './emit.js';

/** Answers every message that is a JSON object with an event that repeats it. */
export function acceptMessage({ sequence, payload }: IncomingMessage<unknown>, tx: Transaction): void {
  if (!isJsonObject(payload)) throw new Refused('a message is a JSON object, such as {"@type":"Hello"}');
  try {
    tx.publish({ '@type': 'Accepted', sequence: String(sequence), message: payload });
  } catch (error) {
    if (codeOf(error) !== 'E_PAYLOAD') throw error;
    // As a fault of ours it would be sent again for ever.
    throw new Refused('the message is too large to be repeated in an event', { cause: error });
  }
}

export interface LabPort {
  publish(clientId: string, event: object): Promise<unknown>;
  /** Events of this client that are published and not yet on their way. */
  behind(clientId: string): number;
}

/** @param lab undefined where the calls of the lab are not served */
export async function answerRequest(
  { clientId, payload }: IncomingRequest<unknown>,
  lab: LabPort | undefined,
): Promise<unknown> {
  if (lab === undefined) {
    throw new RequestError('unknown-request', 'this server answers no calls: start it with --lab');
  }
  if (isJsonObject(payload) && payload['@type'] === 'Echo') return payload;
  if (isJsonObject(payload) && payload['@type'] === 'Emit') {
    const asked = readEmit(payload);
    await emit(asked, {
      publish: (event) => lab.publish(clientId, event),
      behind: () => lab.behind(clientId),
    });
    return { '@type': 'Emitted', count: asked.count };
  }
  throw new RequestError('unknown-request', 'the calls known here have the @type Echo or Emit');
}

function isJsonObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
