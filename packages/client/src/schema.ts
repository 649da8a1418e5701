import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ClientError, type ClientErrorCode } from './errors.js';
import { refuse } from './option-values.js';

/** @throws ClientError `E_OPTION` */
export function standardSchema<T extends StandardSchemaV1>(name: string, value: T): T {
  if (typeof value['~standard']?.validate !== 'function') refuse(name, 'is a Standard Schema');
  return value;
}

/**
 * The payload as the schema gives it. Issues may quote a payload, so they are not kept; what the schema throws is the
 * application's own.
 *
 * @param misfit the words for a payload that does not fit
 * @throws ClientError (as a rejection) with `code`
 */
export async function checkPayload<Payload>(
  schema: StandardSchemaV1<unknown, Payload>,
  payload: unknown,
  code: ClientErrorCode,
  misfit: string,
): Promise<Payload> {
  let result: StandardSchemaV1.Result<Payload>;
  try {
    result = await schema['~standard'].validate(payload);
  } catch (cause) {
    throw new ClientError(code, misfit, { cause });
  }
  if (result.issues === undefined) return result.value;
  throw new ClientError(code, misfit);
}
