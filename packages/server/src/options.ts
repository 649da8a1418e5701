import { type Crypto, crypto, type PrivateKey } from '@sealwire/crypto';
import { type Layout, maxClientIdBytes } from '@sealwire/framing';
import {
  type Deadlines,
  defaultDeadlines,
  type HardeningMode,
  hardeningModes,
  type JsonNumbers,
  type JsonOptions,
  jsonNumbers,
} from '@sealwire/session';
import { memoryServerStore, type ServerStore } from '@sealwire/store';
import { type Listen, type Scheduler, systemScheduler } from '@sealwire/transport';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type ClientDirectory, isDirectory } from './directory.js';
import { ServerError } from './errors.js';
import type { ServerEvent } from './events.js';
import { defaultFailedHandshakeLimits, type FailedHandshakeLimits } from './failed-handshakes.js';
import type { RateLimit } from './frame-rate.js';
import type { IncomingMessage, IncomingRequest } from './incoming.js';
import { defaultServerLimits, largestLimits, type ServerLimits } from './limits.js';
import { defaultLoginRate, type LoginRate } from './login-rate.js';
import { checkOptionNames } from './option-names.js';
import type { Transaction } from './transaction.js';

/**
 * @typeParam Message what clients send as messages. Without a schema it is believed, not checked.
 * @typeParam Request what clients send as requests; likewise
 * @typeParam Outgoing what the server publishes
 * @typeParam Answer what requests are answered with
 */
export interface ServeOptions<Message = unknown, Request = unknown, Outgoing = unknown, Answer = unknown> {
  /** Where links are accepted, e.g. `listenWebSocket(…)` of @sealwire/transport-ws. */
  readonly listen: Listen | readonly Listen[];
  /** Several are one server: during a rotation a hello is tried with each key of its size. */
  readonly serverKey: PrivateKey | readonly PrivateKey[];
  /** Who may connect. */
  readonly clients: ClientDirectory;
  /** Default: `crypto` of @sealwire/crypto. */
  readonly crypto?: Crypto;
  /** Default: `memoryServerStore()`, which forgets all when the process ends. A given one stays the caller's to close. */
  readonly store?: ServerStore;
  /** The layout of frames. 'auto': as the directory or the client's own frames show. Default 'documented'. */
  readonly layout?: Layout | 'auto';
  /** Hardened sessions (docs/hardening.md): with all that can ('prefer', the default), 'require', or 'off'. */
  readonly hardening?: HardeningMode;
  /** The same text or bytes at the clients, such as the name of the service, for hardened sessions. Default empty. */
  readonly context?: string | Uint8Array;
  /** Let two client ids have one key. Default false: the second one is refused as soon as it is noticed. */
  readonly allowKeySharing?: boolean;
  /** Refuse requests whose REQUEST_ID is below 2^62; @sealwire/client makes none. Default false. */
  readonly requireHighRequestIds?: boolean;
  /**
   * At least 32 secret bytes, the same at all nodes and after a restart, from which the answers to unknown client ids
   * are made. Default: derived from the first server key; where that cannot be (an HSM), random for each process.
   */
  readonly decoySecret?: Uint8Array;
  /** Default: `systemScheduler`. */
  readonly scheduler?: Scheduler;
  /**
   * Handles one message. One at a time per client, in SEQUENCE order; those of different clients side by side. What
   * it does through `tx` is kept together with the SEQUENCE, or not at all. Without it every message is refused.
   */
  readonly onMessage?: (message: IncomingMessage<Message>, tx: Transaction<Outgoing>) => void | Promise<void>;
  /**
   * Answers one request; sees the effects of every message that its client sent before it. Several of one client
   * run side by side. Without it every request is answered with the error `unknown-request`.
   */
  readonly onRequest?: (
    request: IncomingRequest<Request>,
    tx: Transaction<Outgoing>,
  ) => Answer | Promise<Answer>;
  /** Check and type what comes in; what a schema gives back is what the handler gets. */
  readonly schemas?: {
    readonly message?: StandardSchemaV1<unknown, Message>;
    readonly request?: StandardSchemaV1<unknown, Request>;
  };
  /**
   * What becomes of a received number that no JavaScript number holds, such as 9007199254740993: 'refuse' (the default)
   * refuses the message or request, 'text' reads the number as a string of its very digits, 'round' takes the nearest
   * JavaScript number.
   */
  readonly numbers?: JsonNumbers;
  readonly limits?: Partial<ServerLimits>;
  /** Bounds what failed handshakes cost; `false`: not at all, for a server whose proxy does. */
  readonly failedHandshakes?: Partial<FailedHandshakeLimits> | false;
  /** Bounds how often each client may log in; `false`: not at all. Default 10 a second, 100 at once. */
  readonly loginRate?: Partial<LoginRate> | false;
  /** Bounds the messages and requests that a client may send in time. Default: it may as fast as it is handled, which `limits` bound. */
  readonly rateLimit?: RateLimit;
  readonly deadlines?: Partial<Deadlines>;
  /** Milliseconds that a handler may take. Default 30,000. A message's session then ends with 1011. */
  readonly handlerTimeout?: number;
  /** Milliseconds without one byte drained, after which a client is cut off (4102). Default 10,000. */
  readonly stallTimeout?: number;
  /** For logs and metrics. Must not throw; what it throws surfaces as an uncaught error. */
  readonly onEvent?: (event: ServerEvent) => void;
}

const atLeastOne = 'must be a whole number of at least 1';

/** Of the name that both sides give their service. */
const maxContextBytes = 1_024;

/** The handlers as the insides see them: whatever was promised about types has been checked by schemas, or not at all. */
export interface Handlers {
  readonly onMessage?: ((message: IncomingMessage<never>, tx: Transaction<never>) => unknown) | undefined;
  readonly onRequest?: ((request: IncomingRequest<never>, tx: Transaction<never>) => unknown) | undefined;
  readonly messageSchema?: StandardSchemaV1 | undefined;
  readonly requestSchema?: StandardSchemaV1 | undefined;
}

/** Complete and checked. */
export interface Settings {
  readonly listens: readonly Listen[];
  readonly serverKeys: readonly PrivateKey[];
  readonly clients: ClientDirectory;
  readonly crypto: Crypto;
  readonly store: ServerStore;
  readonly ownsStore: boolean;
  readonly layout: Layout | 'auto';
  readonly hardening: HardeningMode;
  readonly context: Uint8Array;
  readonly allowKeySharing: boolean;
  readonly requireHighRequestIds: boolean;
  readonly decoySecret: Uint8Array;
  readonly scheduler: Scheduler;
  readonly handlers: Handlers;
  readonly json: Required<JsonOptions>;
  readonly limits: ServerLimits;
  readonly failedHandshakes: FailedHandshakeLimits | false;
  readonly loginRate: LoginRate | false;
  readonly rateLimit: Required<RateLimit> | undefined;
  readonly deadlines: Deadlines;
  readonly handlerTimeout: number;
  readonly stallTimeout: number;
  readonly onEvent: (event: ServerEvent) => void;
}

/** @throws ServerError `E_OPTION`, naming the option */
export function normalizeOptions<M, R, O, A>(options: ServeOptions<M, R, O, A>): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new ServerError('E_OPTION', 'serve takes an object with options');
  }
  checkOptionNames(options);
  const serverKeys = asList(options.serverKey);
  const listens = asList(options.listen);
  const {
    onMessage,
    onRequest,
    schemas = {},
    layout = 'documented',
    hardening = 'prefer',
    numbers = 'refuse',
  } = options;
  if (serverKeys.length === 0) refuse('serverKey', 'is empty: give at least one private key');
  if (!serverKeys.every((key) => typeof key?.decrypt === 'function')) {
    refuse('serverKey', 'is not an imported private key: use importPrivateKey of @sealwire/crypto');
  }
  if (listens.length === 0 || !listens.every((listen) => typeof listen === 'function')) {
    refuse('listen', 'must be one or more places to listen, such as memoryTransport().listen');
  }
  if (!isDirectory(options.clients)) {
    refuse('clients', 'must be a Map of the clients that may connect, a function, or directoryFolder(…)');
  }
  if (options.store !== undefined && typeof options.store?.commit !== 'function') {
    refuse('store', 'is not a ServerStore of @sealwire/store');
  }
  for (const name of ['onMessage', 'onRequest', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      refuse(name, 'must be a function');
  }
  if (!['documented', 'deployed', 'auto'].includes(layout)) {
    refuse('layout', 'must be "documented", "deployed" or "auto"');
  }
  if (!hardeningModes.includes(hardening)) refuse('hardening', 'must be "prefer", "require" or "off"');
  if (!jsonNumbers.includes(numbers)) refuse('numbers', 'must be "refuse", "text" or "round"');
  for (const name of ['allowKeySharing', 'requireHighRequestIds'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'boolean') refuse(name, 'must be a boolean');
  }
  if (schemas.message !== undefined && onMessage === undefined) {
    refuse('schemas.message', 'is given without onMessage');
  }
  if (schemas.request !== undefined && onRequest === undefined) {
    refuse('schemas.request', 'is given without onRequest');
  }
  const limits = complete('limits', defaultServerLimits, options.limits, 1);
  for (const [name, largest] of Object.entries(largestLimits)) {
    if (limits[name as keyof typeof largestLimits] > largest) {
      refuse(`limits.${name}`, `must not be above ${largest}`);
    }
  }
  const { failedHandshakes, loginRate } = options;
  const deadlines = complete('deadlines', defaultDeadlines, options.deadlines, 0);
  const longest = Math.min(...serverKeys.map((key) => maxClientIdBytes(key.publicKey.modulusBytes)));
  if (limits.maxClientIdLength > longest) {
    refuse(
      'limits.maxClientIdLength',
      `is more than the ${longest} bytes that fit the server's smallest key`,
    );
  }
  const platform = options.crypto ?? crypto;
  return {
    listens,
    serverKeys,
    clients: options.clients,
    crypto: platform,
    store: options.store ?? memoryServerStore(),
    ownsStore: options.store === undefined,
    layout,
    hardening,
    context: readContext(options.context),
    allowKeySharing: options.allowKeySharing ?? false,
    requireHighRequestIds: options.requireHighRequestIds ?? false,
    decoySecret: readDecoySecret(options.decoySecret, serverKeys, platform),
    scheduler: options.scheduler ?? systemScheduler,
    handlers: { onMessage, onRequest, messageSchema: schemas.message, requestSchema: schemas.request },
    json: { maxDepth: limits.maxJsonDepth, numbers },
    limits,
    failedHandshakes:
      failedHandshakes === false
        ? false
        : complete('failedHandshakes', defaultFailedHandshakeLimits, failedHandshakes, 1),
    loginRate: loginRate === false ? false : complete('loginRate', defaultLoginRate, loginRate, 1),
    rateLimit: readRateLimit(options.rateLimit),
    deadlines,
    handlerTimeout: duration('handlerTimeout', options.handlerTimeout ?? 30_000),
    stallTimeout: duration('stallTimeout', options.stallTimeout ?? 10_000),
    onEvent: options.onEvent ?? (() => {}),
  };
}

function readRateLimit(limit: RateLimit | undefined): Required<RateLimit> | undefined {
  if (limit === undefined) return undefined;
  const { framesPerSecond, burst = framesPerSecond, onExceeded = 'pause' } = limit;
  for (const [name, value] of Object.entries({ framesPerSecond, burst })) {
    if (!Number.isSafeInteger(value) || value < 1) refuse(`rateLimit.${name}`, atLeastOne);
  }
  if (typeof onExceeded !== 'function' && onExceeded !== 'pause' && onExceeded !== 'close') {
    refuse('rateLimit.onExceeded', 'must be "pause", "close" or a function that says so');
  }
  return { framesPerSecond, burst, onExceeded };
}

function readContext(context: string | Uint8Array = ''): Uint8Array {
  const bytes = typeof context === 'string' ? new TextEncoder().encode(context) : context;
  if (!(bytes instanceof Uint8Array) || bytes.length > maxContextBytes) {
    refuse('context', `must be text or bytes, at most ${maxContextBytes} bytes`);
  }
  return Uint8Array.from(bytes);
}

function readDecoySecret(
  secret: Uint8Array | undefined,
  [first]: readonly PrivateKey[],
  { randomBytes }: Crypto,
): Uint8Array {
  if (secret === undefined) return first?.deriveSecret?.('sealwire decoys') ?? randomBytes(32);
  if (!(secret instanceof Uint8Array) || secret.length < 32)
    refuse('decoySecret', 'must be at least 32 bytes');
  return Uint8Array.from(secret);
}

/** Milliseconds, more than nothing. */
export function duration(name: string, value: number): number {
  if (typeof value !== 'number' || !(value > 0)) refuse(name, 'must be a number of milliseconds above 0');
  return value;
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** Fills in the defaults and checks each value. */
function complete<T extends object>(group: string, defaults: T, given: Partial<T> = {}, least: number): T {
  for (const [name, value] of Object.entries(given)) {
    const valid = typeof value === 'number' && value >= least && (least === 0 || Number.isSafeInteger(value));
    if (!valid) {
      refuse(`${group}.${name}`, least === 0 ? 'must be a number of milliseconds' : atLeastOne);
    }
  }
  return { ...defaults, ...given };
}

function refuse(option: string, problem: string): never {
  throw new ServerError('E_OPTION', `${option} ${problem}`);
}
