import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ClientError, type ClientErrorCode } from './errors.js';
import { refuse } from './option-values.js';

/** @throws ClientError `E_OPTION` */
export function standardSchema<T extends StandardSchemaV1>(name: string, value: T): T {
  if (typeof value['~standard']?.validate !== 'function') refuse(name, 'is a Standard Schema');
  return value;
}

/**
 * The payload as the schema gives it, handed to `use`; a promise only where the schema gives one. Issues may quote a
 * payload, so they are not kept; what the schema throws is the application's own.
 *
 * @param misfit the words for a payload that does not fit
 * @throws ClientError (where it is waited for, as a rejection) with `code`
 */
export function checkPayload<Payload, Used>(
  schema: StandardSchemaV1<unknown, Payload>,
  payload: unknown,
  code: ClientErrorCode,
  misfit: string,
  use: (payload: Payload) => Used,
): Used | Promise<Used> {
  const accepted = (result: StandardSchemaV1.Result<Payload>): Used => {
    // A schema that is written by hand may forget to answer.
    if (typeof result !== 'object' || result === null)
      return threw(new TypeError('the schema gave no result'));
    if (result.issues !== undefined) throw new ClientError(code, misfit);
    return use(result.value);
  };
  const threw = (cause: unknown): never => {
    throw new ClientError(code, misfit, { cause });
  };
  let result: ReturnType<(typeof schema)['~standard']['validate']>;
  try {
    result = schema['~standard'].validate(payload);
  } catch (cause) {
    return threw(cause);
  }
  // Most schemas answer at once. By shape, because a promise may be of another realm.
  return typeof result === 'object' && result !== null && 'then' in result
    ? Promise.resolve(result).then(accepted, threw)
    : accepted(result);
}
