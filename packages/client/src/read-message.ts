import { decodeJson, type JsonNumbers } from '@sealwire/session';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ClientError } from './errors.js';
import type { Message } from './message.js';
import { checkPayload } from './schema.js';

type Schema<Receive> = StandardSchemaV1<unknown, Receive>;

/** How bytes become the payload that the application gets. */
export interface Reading<Receive> {
  readonly numbers: JsonNumbers;
  readonly schema: Schema<Receive> | undefined;
}

/** A message as it came. */
export interface Unread {
  readonly order: bigint;
  readonly timestamp: number;
  readonly json: Uint8Array;
}

/**
 * A promise only where a schema has to be waited for.
 *
 * @throws ClientError (where it is waited for, as a rejection) `E_MESSAGE` for what is no JSON or does not fit the schema
 */
export function readMessage<Receive>(
  unread: Unread,
  { numbers, schema }: Reading<Receive>,
  possiblyHandled: boolean,
): Message<Receive> | Promise<Message<Receive>> {
  const { order, timestamp } = unread;
  let payload: unknown;
  try {
    payload = decodeJson(unread.json, { numbers });
  } catch (cause) {
    throw new ClientError('E_MESSAGE', `the message with ORDER ${order} cannot be read: see the cause`, {
      cause,
    });
  }
  if (schema === undefined) return { order, timestamp, payload: payload as Receive, possiblyHandled };
  const misfit = `the message with ORDER ${order} does not fit schemas.message`;
  return checkPayload(schema, payload, 'E_MESSAGE', misfit, (checked) => ({
    order,
    timestamp,
    payload: checked,
    possiblyHandled,
  }));
}
