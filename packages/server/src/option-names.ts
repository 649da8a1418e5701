import { defaultDeadlines, unknownOption } from '@sealwire/session';
import { ServerError } from './errors.js';
import { defaultFailedHandshakeLimits } from './failed-handshakes.js';
import type { RateLimit } from './frame-rate.js';
import { defaultServerLimits } from './limits.js';
import { defaultLoginRate } from './login-rate.js';
import type { ServeOptions } from './options.js';

/** Complete, because the compiler counts them. */
const options: Record<keyof ServeOptions, true> = {
  listen: true,
  serverKey: true,
  clients: true,
  crypto: true,
  store: true,
  layout: true,
  hardening: true,
  context: true,
  allowKeySharing: true,
  requireHighRequestIds: true,
  decoySecret: true,
  scheduler: true,
  onMessage: true,
  onRequest: true,
  schemas: true,
  numbers: true,
  limits: true,
  failedHandshakes: true,
  loginRate: true,
  rateLimit: true,
  deadlines: true,
  handlerTimeout: true,
  stallTimeout: true,
  onEvent: true,
};
const schemas: Record<keyof NonNullable<ServeOptions['schemas']>, true> = { message: true, request: true };
const rateLimit: Record<keyof RateLimit, true> = { framesPerSecond: true, burst: true, onExceeded: true };
const groups = {
  schemas,
  rateLimit,
  limits: defaultServerLimits,
  failedHandshakes: defaultFailedHandshakeLimits,
  loginRate: defaultLoginRate,
  deadlines: defaultDeadlines,
} as const;
/** They may be `false`. */
const switches: readonly string[] = ['failedHandshakes', 'loginRate'];

/** @throws ServerError `E_OPTION` for a name that is no option, here and in each group */
export function checkOptionNames(given: object): void {
  check('', given, options);
  for (const [group, known] of Object.entries(groups)) {
    const values: unknown = Reflect.get(given, group);
    if (values === undefined || (values === false && switches.includes(group))) continue;
    if (typeof values !== 'object' || values === null) {
      throw new ServerError('E_OPTION', `${group} must be an object with options`);
    }
    check(`${group}.`, values, known);
  }
}

/** @throws ServerError `E_OPTION` for what is no object, and for a name that is not among the known ones */
export function checkNames(call: string, given: object, known: { readonly [name: string]: unknown }): void {
  if (typeof given !== 'object' || given === null) {
    throw new ServerError('E_OPTION', `the options of ${call} must be an object`);
  }
  check('', given, known);
}

function check(prefix: string, given: object, known: object): void {
  const words = unknownOption(prefix, given, Object.keys(known));
  if (words !== undefined) throw new ServerError('E_OPTION', words);
}
