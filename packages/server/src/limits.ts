import { availableParallelism } from 'node:os';

/** Every bound of a server. */
export interface ServerLimits {
  /** Characters of a client id. Default 64. */
  readonly maxClientIdLength: number;
  /**
   * Links that have not proved who they are, in all. Default 1,000; beyond it a link is closed with 1013. A quarter of
   * them is for addresses from which a client has proved itself.
   */
  readonly maxHandshakes: number;
  /** The same for one address (an IPv6 address counts as its /64 network). Default 20. */
  readonly maxHandshakesPerAddress: number;
  /**
   * Milliseconds that a link may keep the server waiting, for its hello or its proof, while `maxHandshakes` links are
   * there, or `maxHandshakesPerAddress` of its address; then it makes room for a new one, and gets 1013. Default 500.
   */
  readonly patienceWhenFull: number;
  /** RSA private-key operations at one time. Default: one less than there are cores, at least 1. */
  readonly maxRsaOperations: number;
  /**
   * Hellos that wait for one. Default 1,000, less than a second's work; beyond it a link is closed with 1013. A quarter
   * of the places is for addresses from which a client has proved itself.
   */
  readonly maxRsaQueue: number;
  /** Clients with a session. Default 10,000; beyond it a link is closed with 1013. */
  readonly maxSessions: number;
  /** Bytes of frames that one client may send behind its proof before it is verified. Default 256 KiB. */
  readonly maxPipelinedBytes: number;
  /** Messages and requests of one session that are received and not yet done with. Default 1,024; then reading stops. */
  readonly maxPendingMessages: number;
  /** Bytes of the same. Default 1 MiB; then reading stops. */
  readonly maxPendingBytes: number;
  /** Requests of one session that are being answered. Default 64; then reading stops. */
  readonly maxRunningRequests: number;
  /** Bytes of answers of one session that wait for the link. Default 1 MiB; then reading stops. */
  readonly maxAnswerBytes: number;
  /** Bytes of JSON of one published message or answer. Default 65,472, which fits a frame of 64 KiB; at most 4 MiB. */
  readonly maxPayloadBytes: number;
  /** Nesting of received JSON. Default 64. */
  readonly maxJsonDepth: number;
  /** Messages in one batch to one client. Default 256, at most 16,384. */
  readonly batchMessages: number;
  /** Bytes of JSON in one batch to one client. Default 64 KiB, at most 2 MiB. */
  readonly batchBytes: number;
  /** Bytes that a link may hold before the next batch waits. Default 512 KiB. */
  readonly maxBufferedBytes: number;
  /** Imported keys of clients that are kept. Default 10,000. */
  readonly maxCachedKeys: number;
  /**
   * AES keys of clients that proved themselves, of which a hash is kept so that an old hello does not bring them back.
   * Default 100,000; the oldest is forgotten.
   */
  readonly maxRememberedKeys: number;
  /**
   * Clients of which is remembered that they had a hardened session, for the event `downgraded`, and from which
   * addresses they last proved themselves. Default 100,000; the oldest is forgotten.
   */
  readonly maxRememberedClients: number;
}

export const defaultServerLimits: ServerLimits = {
  maxClientIdLength: 64,
  maxHandshakes: 1_000,
  maxHandshakesPerAddress: 20,
  patienceWhenFull: 500,
  // One core stays for the event loop, so that live sessions go on under a storm of hellos.
  maxRsaOperations: Math.max(1, availableParallelism() - 1),
  // As many as `maxHandshakes`: a client that is sent away costs more, when it comes back, than one that waits.
  maxRsaQueue: 1_000,
  maxSessions: 10_000,
  maxPipelinedBytes: 262_144,
  maxPendingMessages: 1_024,
  maxPendingBytes: 1_048_576,
  maxRunningRequests: 64,
  maxAnswerBytes: 1_048_576,
  maxPayloadBytes: 65_472,
  maxJsonDepth: 64,
  batchMessages: 256,
  batchBytes: 65_536,
  maxBufferedBytes: 524_288,
  maxCachedKeys: 10_000,
  maxRememberedKeys: 100_000,
  maxRememberedClients: 100_000,
};

/**
 * Answers may be sealed together with a batch, and each ends at the first payload beyond `batchBytes`: with these, both
 * stay below the 16 MiB that one call of a sealer takes.
 */
export const largestLimits = {
  maxPayloadBytes: 4_194_304,
  batchMessages: 16_384,
  batchBytes: 2_097_152,
} as const satisfies Partial<ServerLimits>;
