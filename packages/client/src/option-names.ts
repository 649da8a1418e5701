import { defaultDeadlines, unknownOption } from '@sealwire/session';
import { ClientError } from './errors.js';
import type {
  CallsOptions,
  ConnectOptions,
  InboxOptions,
  OutboxOptions,
  ReconnectOptions,
} from './options.js';

/** Complete, because the compiler counts them. */
const options: Record<keyof ConnectOptions, true> = {
  dial: true,
  clientId: true,
  clientKey: true,
  serverKey: true,
  state: true,
  resumeFrom: true,
  onMessage: true,
  onState: true,
  schemas: true,
  numbers: true,
  checkpoint: true,
  outbox: true,
  inbox: true,
  calls: true,
  reconnect: true,
  deadlines: true,
  connectTimeout: true,
  dialTimeout: true,
  signal: true,
  maxFrameBytes: true,
  maxBufferedBytes: true,
  maxOrderGap: true,
  layout: true,
  hardening: true,
  context: true,
  allowKeySharing: true,
  trustUnhardenedServer: true,
  crypto: true,
  scheduler: true,
  random: true,
};
const schemas: Record<keyof NonNullable<ConnectOptions['schemas']>, true> = { message: true };
const outbox: Record<keyof OutboxOptions, true> = { maxMessages: true, maxBytes: true, whenFull: true };
const inbox: Record<keyof InboxOptions, true> = { maxMessages: true, maxBytes: true };
const calls: Record<keyof CallsOptions, true> = { timeout: true, maxPending: true, maxConcurrent: true };
const reconnect: Record<keyof ReconnectOptions, true> = {
  first: true,
  max: true,
  slow: true,
  stableAfter: true,
};
const groups = { schemas, outbox, inbox, calls, reconnect, deadlines: defaultDeadlines } as const;

/** @throws ClientError `E_OPTION` for a name that is no option, here and in each group */
export function checkOptionNames(given: object): void {
  check('', given, options);
  for (const [group, known] of Object.entries(groups)) {
    const values: unknown = Reflect.get(given, group);
    if (values === undefined) continue;
    if (typeof values !== 'object' || values === null) {
      throw new ClientError('E_OPTION', `the option ${group} is an object with options`);
    }
    check(`${group}.`, values, known);
  }
}

/** @throws ClientError `E_OPTION` for what is no object, and for a name that is not among the known ones */
export function checkNames(call: string, given: object, known: { readonly [name: string]: unknown }): void {
  if (typeof given !== 'object' || given === null) {
    throw new ClientError('E_OPTION', `the options of ${call} are an object`);
  }
  check('', given, known);
}

function check(prefix: string, given: object, known: object): void {
  const words = unknownOption(prefix, given, Object.keys(known));
  if (words !== undefined) throw new ClientError('E_OPTION', words);
}
