import { type Crypto, type PrivateKey, type PublicKey, crypto as platformCrypto } from '@sealwire/crypto';
import { type Layout, maxClientIdBytes } from '@sealwire/framing';
import {
  type Deadlines,
  defaultDeadlines,
  type HardeningMode,
  hardeningModes,
  type JsonNumbers,
  jsonNumbers,
  type Milliseconds,
} from '@sealwire/session';
import { type ClientState, memoryClientState } from '@sealwire/store';
import { type Dialer, type Scheduler, systemScheduler } from '@sealwire/transport';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ClientError } from './errors.js';
import { assertOneServer } from './key-sharing.js';
import type { MessageListener } from './message.js';
import { checkOptionNames } from './option-names.js';
import { asList, callable, defined, refuse, whole, wholes } from './option-values.js';
import { standardSchema } from './schema.js';
import type { ConnectionState } from './state.js';
import { checkSignal } from './waiting.js';

export interface ReconnectOptions {
  /** The first retry comes after a random time up to this; the bound doubles with each further one. Default 1,000. */
  readonly first?: Milliseconds;
  /** The bound grows no further. Default 20,000. */
  readonly max?: Milliseconds;
  /** After a refusal (1008, 401, 403, 4009) the next dial comes this late. Default 30,000. */
  readonly slow?: Milliseconds;
  /** A session that lived this long starts the back-off anew. Default 60,000. */
  readonly stableAfter?: Milliseconds;
}

export interface OutboxOptions {
  /** Messages whose outcome is not known. Default 4,096. */
  readonly maxMessages?: number;
  /** Bytes of their JSON. Default 4 MiB. */
  readonly maxBytes?: number;
  /** What `send` does then: wait for room (up to `maxMessages` callers may), or reject with `E_OUTBOX_FULL`. Default 'wait'. */
  readonly whenFull?: 'wait' | 'refuse';
}

export interface InboxOptions {
  /**
   * Messages that wait for the application. At half of it the link is paused where it can. Default 1,024. What comes
   * together with one for which there was room is taken, too: up to 256 messages and 64 KiB.
   */
  readonly maxMessages?: number;
  /** Bytes of their JSON. Default 1 MiB. */
  readonly maxBytes?: number;
}

export interface CallsOptions {
  /** How long a call waits for its answer. Default 10,000. */
  readonly timeout?: Milliseconds;
  /** Calls of the application that wait for anything; more are rejected with `E_CALLS_FULL`. Default 1,024. */
  readonly maxPending?: number;
  /** Calls that are at the server at one time. Default 32; our server runs 64 of a session. */
  readonly maxConcurrent?: number;
}

export interface ConnectOptions<Receive = unknown> {
  /** Opens a link. Of several, the next one is tried after each that failed. */
  readonly dial: Dialer | readonly Dialer[];
  /**
   * As the server knows it: printable ASCII without the space (0x21 to 0x7e). The protocol has 1 to 64 characters; a
   * server may take more, up to what fits one RSA block of its key: 164 with 2048 bits.
   */
  readonly clientId: string;
  readonly clientKey: PrivateKey;
  /** Several are one server whose key changes: the next is tried after a refused handshake. */
  readonly serverKey: PublicKey | readonly PublicKey[];
  /** What survives a restart. The client uses it and does not close it. Default: memory, which survives none. */
  readonly state?: ClientState;
  /** Where to read on: after what was handled, from the oldest kept message, or after an ORDER. Default 'saved'. */
  readonly resumeFrom?: ResumePoint;
  /** One message at a time; the next comes when the returned promise resolves. A throw stops the client. */
  readonly onMessage?: MessageListener<Receive>;
  readonly onState?: (state: ConnectionState) => void;
  /** Checks and types each received payload (https://standardschema.dev). One that does not fit stops the client. */
  readonly schemas?: { readonly message?: StandardSchemaV1<unknown, Receive> };
  /**
   * What becomes of a received number that no JavaScript number holds, such as 9007199254740993: 'refuse' (the default)
   * stops the client at such a message and rejects the call with such an answer, 'text' reads it as a string of its very
   * digits, 'round' takes the nearest JavaScript number.
   */
  readonly numbers?: JsonNumbers;
  /**
   * The server answers `sealwire.Checkpoint`, as @sealwire/server does. A hardened server says so itself; for any other
   * the default is false, because a server that does not know it may end the session over it.
   */
  readonly checkpoint?: boolean;
  readonly outbox?: OutboxOptions;
  readonly inbox?: InboxOptions;
  readonly calls?: CallsOptions;
  readonly reconnect?: ReconnectOptions;
  readonly deadlines?: Partial<Deadlines>;
  /** How long `connect` tries before it rejects. Default 30,000. */
  readonly connectTimeout?: Milliseconds;
  /** How long one dial may take. Default 10,000. */
  readonly dialTimeout?: Milliseconds;
  /** Calls `connect` off; it has no effect later. */
  readonly signal?: AbortSignal;
  /** A larger own frame is refused with `E_OVERFLOW`. Default 65,536, which is what our server takes. */
  readonly maxFrameBytes?: number;
  /** Above this many bytes in the link nothing is signed until they are sent. Default 262,144. */
  readonly maxBufferedBytes?: number;
  /** ORDER may grow by this much from one message to the next; more is an altered frame. Default 2^40. */
  readonly maxOrderGap?: bigint;
  readonly layout?: Layout;
  /**
   * Hardened sessions (docs/hardening.md): with a server that can ('prefer'), 'require', or 'off'. Default 'prefer';
   * on a link that is neither TLS nor on this machine 'require', unless `trustUnhardenedServer` is set. A server that was
   * hardened once has to stay so: the state remembers it, see `forgetPin`.
   */
  readonly hardening?: HardeningMode;
  /** The same text or bytes as at the server, such as the name of the service, for hardened sessions. Default empty. */
  readonly context?: string | Uint8Array;
  /**
   * Use `clientKey` for a second server in this process. Default false: what is signed for one server could be shown
   * to the other. Give each its own key.
   */
  readonly allowKeySharing?: boolean;
  /**
   * The server is known to have no hardening: believe what it says over a link that is neither TLS nor on this machine,
   * where anybody on the way could have written it. Without it and with `hardening: 'prefer'` such a link carries calls
   * and received messages, but no outcome settles, no position is kept, and no first message leaves. It says nothing any
   * more once the server was hardened. Default false.
   */
  readonly trustUnhardenedServer?: boolean;
  readonly crypto?: Crypto;
  readonly scheduler?: Scheduler;
  /** Numbers in [0, 1), for the jitter of the back-off. Default: from `crypto`. */
  readonly random?: () => number;
}

/** After what was handled ('saved'), from the oldest message kept, or after this ORDER. */
export type ResumePoint = 'saved' | 'oldest' | bigint;

export const clientDefaults = {
  outbox: { maxMessages: 4_096, maxBytes: 4_194_304, whenFull: 'wait' },
  inbox: { maxMessages: 1_024, maxBytes: 1_048_576 },
  calls: { timeout: 10_000, maxPending: 1_024, maxConcurrent: 32 },
  reconnect: { first: 1_000, max: 20_000, slow: 30_000, stableAfter: 60_000 },
  connectTimeout: 30_000,
  dialTimeout: 10_000,
  maxFrameBytes: 65_536,
  maxBufferedBytes: 262_144,
  maxOrderGap: 2n ** 40n,
} as const;

/** The options, complete; what a connection needs of them. */
export interface ConnectionSettings {
  readonly dialers: readonly Dialer[];
  readonly clientId: Uint8Array;
  readonly clientKey: PrivateKey;
  readonly serverKeys: readonly PublicKey[];
  readonly state: ClientState;
  readonly resumeFrom: ResumePoint;
  readonly onState: ((state: ConnectionState) => void) | undefined;
  readonly numbers: JsonNumbers;
  readonly checkpoint: boolean;
  readonly outbox: Required<OutboxOptions>;
  readonly inbox: Required<InboxOptions>;
  readonly calls: Required<CallsOptions>;
  readonly reconnect: Required<ReconnectOptions>;
  readonly deadlines: Deadlines;
  readonly connectTimeout: Milliseconds;
  readonly dialTimeout: Milliseconds;
  readonly signal: AbortSignal | undefined;
  readonly maxFrameBytes: number;
  /** The longest JSON that fits a frame. */
  readonly maxPayloadBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxOrderGap: bigint;
  readonly layout: Layout;
  /** Undefined: as the link demands. */
  readonly hardening: HardeningMode | undefined;
  readonly context: Uint8Array;
  readonly trustUnhardenedServer: boolean;
  readonly crypto: Crypto;
  readonly scheduler: Scheduler;
  readonly random: () => number;
}

export interface Settings<Receive> extends ConnectionSettings {
  readonly onMessage: MessageListener<Receive> | undefined;
  readonly schema: StandardSchemaV1<unknown, Receive> | undefined;
}

/** IV, PKCS#7, the lengths, the type, the number and the padding around one JSON text, in either layout. */
const frameOverhead = 66;

/** @throws ClientError `E_OPTION` that names the option and says what it takes */
export function readOptions<Receive>(options: ConnectOptions<Receive>): Settings<Receive> {
  if (typeof options !== 'object' || options === null) {
    throw new ClientError('E_OPTION', 'connect takes an object with options');
  }
  checkOptionNames(options);
  const dialers = asList(options.dial);
  const serverKeys = asList(options.serverKey);
  if (dialers.length === 0 || dialers.some((dial) => typeof dial !== 'function')) {
    refuse('dial', 'is a function that opens a link, or a list of at least one');
  }
  if (serverKeys.length === 0 || serverKeys.some((key) => typeof key?.encrypt !== 'function')) {
    refuse('serverKey', 'is a public key of crypto.importPublicKey, or a list of at least one');
  }
  if (typeof options.clientKey?.sign !== 'function') {
    refuse('clientKey', 'is a private key of crypto.importPrivateKey');
  }
  const crypto = options.crypto ?? platformCrypto;
  const scheduler = options.scheduler ?? systemScheduler;
  const state = options.state ?? memoryClientState();
  if (typeof crypto.randomBytes !== 'function') refuse('crypto', 'is a Crypto of @sealwire/crypto');
  if (typeof scheduler.after !== 'function') refuse('scheduler', 'is a Scheduler of @sealwire/transport');
  if (typeof state.load !== 'function') refuse('state', 'is a ClientState of @sealwire/store');
  checkSignal(options.signal);
  const schema = options.schemas?.message;
  const maxFrameBytes = whole('maxFrameBytes', options.maxFrameBytes ?? clientDefaults.maxFrameBytes);
  const maxPayloadBytes = maxFrameBytes - options.clientKey.publicKey.modulusBytes - frameOverhead;
  if (maxPayloadBytes < 2) refuse('maxFrameBytes', 'leaves no room for a payload beside the signature');
  const maxOrderGap = options.maxOrderGap ?? clientDefaults.maxOrderGap;
  if (typeof maxOrderGap !== 'bigint' || maxOrderGap < 1n)
    refuse('maxOrderGap', 'is a bigint of at least 1n');
  const layout = options.layout ?? 'documented';
  if (layout !== 'documented' && layout !== 'deployed') refuse('layout', "is 'documented' or 'deployed'");
  const { hardening, numbers = 'refuse' } = options;
  if (!jsonNumbers.includes(numbers)) refuse('numbers', "is 'refuse', 'text' or 'round'");
  const trustUnhardenedServer = options.trustUnhardenedServer ?? false;
  if (hardening !== undefined && !hardeningModes.includes(hardening)) {
    refuse('hardening', "is 'prefer', 'require' or 'off'");
  }
  if (hardening === 'require' && trustUnhardenedServer) {
    refuse(
      'trustUnhardenedServer',
      "says that the server is not hardened, which `hardening: 'require'` demands",
    );
  }
  if (options.allowKeySharing !== true) assertOneServer(options.clientKey.publicKey, serverKeys);
  return {
    dialers,
    clientId: readClientId(options.clientId, serverKeys),
    clientKey: options.clientKey,
    serverKeys,
    state,
    resumeFrom: readResumePoint(options.resumeFrom ?? 'saved'),
    onMessage: options.onMessage === undefined ? undefined : callable('onMessage', options.onMessage),
    onState: options.onState === undefined ? undefined : callable('onState', options.onState),
    schema: schema === undefined ? undefined : standardSchema('schemas.message', schema),
    numbers,
    checkpoint: options.checkpoint ?? false,
    outbox: readOutbox(options.outbox),
    inbox: wholes('inbox', { ...clientDefaults.inbox, ...defined(options.inbox) }),
    calls: wholes('calls', { ...clientDefaults.calls, ...defined(options.calls) }),
    reconnect: readReconnect(options.reconnect),
    deadlines: wholes('deadlines', { ...defaultDeadlines, ...defined(options.deadlines) }),
    connectTimeout: whole('connectTimeout', options.connectTimeout ?? clientDefaults.connectTimeout),
    dialTimeout: whole('dialTimeout', options.dialTimeout ?? clientDefaults.dialTimeout),
    signal: options.signal,
    maxFrameBytes,
    maxPayloadBytes,
    maxBufferedBytes: whole('maxBufferedBytes', options.maxBufferedBytes ?? clientDefaults.maxBufferedBytes),
    maxOrderGap,
    layout,
    hardening,
    context: readContext(options.context),
    trustUnhardenedServer,
    crypto,
    scheduler,
    random: callable('random', options.random ?? (() => randomFraction(crypto))),
  };
}

/** @throws ClientError `E_OPTION` */
export function readResumePoint(point: ResumePoint): ResumePoint {
  if (point === 'saved' || point === 'oldest' || (typeof point === 'bigint' && point >= 0n)) return point;
  return refuse('resumeFrom', "is 'saved', 'oldest' or an ORDER, a bigint of at least 0n");
}

/** As LAST SEEN ORDER; undefined for the one in the state. */
export function orderOf(point: ResumePoint): bigint | undefined {
  if (point === 'saved') return undefined;
  // After 0 is from the oldest too, and 0 in the state says that the message with ORDER 1 was there.
  return point === 'oldest' || point === 0n ? -1n : point;
}

function readContext(context: string | Uint8Array = ''): Uint8Array {
  const bytes = typeof context === 'string' ? new TextEncoder().encode(context) : context;
  if (!(bytes instanceof Uint8Array) || bytes.length > 1_024) {
    refuse('context', 'is text or bytes, at most 1,024 bytes');
  }
  return Uint8Array.from(bytes);
}

function readClientId(clientId: string, serverKeys: readonly PublicKey[]): Uint8Array {
  // Any server of the protocol would only close with 1008, without a word of why.
  if (typeof clientId !== 'string' || !/^[\x21-\x7e]+$/.test(clientId)) {
    refuse('clientId', 'is a string of 1 to 64 printable ASCII characters without the space');
  }
  const bytes = new TextEncoder().encode(clientId);
  const room = Math.min(...serverKeys.map((key) => maxClientIdBytes(key.modulusBytes)));
  if (bytes.length > room) {
    refuse(
      'clientId',
      `has ${bytes.length} bytes where the key of the server leaves room for ${room}: take a shorter id or a larger server key`,
    );
  }
  return bytes;
}

function readOutbox(options: OutboxOptions = {}): Required<OutboxOptions> {
  const { whenFull, ...bounds } = { ...clientDefaults.outbox, ...defined(options) };
  if (whenFull !== 'wait' && whenFull !== 'refuse') refuse('outbox.whenFull', "is 'wait' or 'refuse'");
  return { ...wholes('outbox', bounds), whenFull };
}

function readReconnect(options: ReconnectOptions = {}): Required<ReconnectOptions> {
  const given = defined(options);
  const max = given.max ?? clientDefaults.reconnect.max;
  // A bound that was lowered lowers what has no own value: `{ max: 250 }` alone means what it says.
  const first = Math.min(clientDefaults.reconnect.first, max);
  const reconnect = wholes('reconnect', { ...clientDefaults.reconnect, first, ...given });
  if (reconnect.first > reconnect.max) refuse('reconnect.first', 'is at most reconnect.max');
  return reconnect;
}

function randomFraction(crypto: Crypto): number {
  const bytes = crypto.randomBytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
