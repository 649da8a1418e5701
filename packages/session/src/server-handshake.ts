import type { Crypto, Opener } from '@sealwire/crypto';
import { decodeHello, encodeWelcome, type Hello, type Layout } from '@sealwire/framing';
import { accepted, bindChallenge, fitsBoundChallenge, type MacKeys } from './bound-challenge.js';
import { plainChallenge } from './challenge.js';
import { SessionError } from './errors.js';
import { type FrameOpener, type FrameSealer, syntheticOpener, syntheticSealer } from './frame-cipher.js';
import type { HardeningMode, SessionHardening } from './hardening.js';
import type { Job, JobResult } from './jobs.js';
import type { ReplayMemory } from './replay-memory.js';

/** Who a hello comes from, as the driver knows it. */
export interface Identity {
  /** Size in bytes of the modulus of the client's key. */
  readonly modulusBytes: number;
  /** The client's key in minimal DER: the one that the proof is verified with. */
  readonly clientSpki: Uint8Array;
  /** The server's own key that opened the hello. */
  readonly serverSpki: Uint8Array;
  /** This client's sessions are hardened, whatever the mode; not with `'off'`. */
  readonly requireHardening: boolean;
  /** Last accepted SEQUENCE, flushed; -1n if none. */
  readonly lastSequence: bigint;
  /** The client's layout where it is known. */
  readonly layout: Layout | undefined;
}

export type ServerHandshakeStep =
  /** The hello is awaited. */
  | 'hello'
  /** The hello is being decrypted, its sender looked up, or the welcome encrypted. */
  | 'welcome'
  /** The proof is awaited. */
  | 'proof'
  /** The proof is being verified, or older sessions of the client fenced. What comes meanwhile waits. */
  | 'claim';

export interface ServerHandshakeOptions {
  /** Sizes in bytes of the moduli of the server's keys, and so of the hellos it takes. */
  readonly modulusBytes: readonly number[];
  readonly layout: Layout | 'auto';
  /** Client ids have 1 to this many printable ASCII characters. */
  readonly maxClientIdLength: number;
  /** Bytes that may wait while the proof is verified; each frame counts 64 more than its length. */
  readonly maxPipelinedBytes: number;
  readonly hardening: HardeningMode;
  /** The same bytes on both sides, such as the name of the service; may be empty. */
  readonly context: Uint8Array;
  /** The driver answers `sealwire.Checkpoint`; a bound challenge announces it. */
  readonly checkpoint: boolean;
  /** AES keys of clients that have proved themselves, for all sessions of the server. */
  readonly replays: ReplayMemory;
}

/** What a session of a proved client works with. */
export interface ServerCiphers {
  readonly identity: Identity;
  readonly hardening: SessionHardening;
  readonly sealer: FrameSealer;
  readonly opener: FrameOpener;
}

/** What the session does for its handshake. */
export interface ServerHandshakePort {
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  identify(clientId: string, lastSeenOrder: bigint): void;
  claim(): void;
  /** The step changed: a new deadline holds. */
  stepped(step: ServerHandshakeStep): void;
}

/**
 * Hello, welcome, proof, seen from the server. Every method that takes something from the peer throws a
 * SessionError where the handshake has to be refused; the peer never learns which one.
 */
export class ServerHandshake {
  readonly #options: ServerHandshakeOptions;
  readonly #port: ServerHandshakePort;
  readonly #crypto: Crypto;
  /** All that is wiped at the end, the plaintexts that hold keys included. */
  readonly #secrets: Uint8Array[] = [];
  #step: ServerHandshakeStep = 'hello';
  #hello: Hello | undefined;
  #identity: Identity | undefined;
  #dataToSign: Uint8Array | undefined;
  #serverAesKey: Uint8Array | undefined;
  /** Of a bound challenge. */
  #macKeys: MacKeys | undefined;
  #opener: Opener | undefined;
  #ciphers: ServerCiphers | undefined;
  /** Of the signatures that may be the proof, in the order of their jobs. */
  #verdicts: boolean[] = [];
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(options: ServerHandshakeOptions, port: ServerHandshakePort, crypto: Crypto) {
    this.#options = options;
    this.#port = port;
    this.#crypto = crypto;
  }

  get step(): ServerHandshakeStep {
    return this.#step;
  }

  receive(frame: Uint8Array): void {
    switch (this.#step) {
      case 'hello':
        return this.#receiveHello(frame);
      case 'welcome':
        throw new SessionError('E_HANDSHAKE', 'a frame came before the welcome was sent');
      case 'proof':
        return this.#receiveProof(frame);
      case 'claim':
        return this.#keepWaiting(frame);
    }
  }

  /** The result of the oldest job of this step. */
  complete(result: JobResult): void {
    if (this.#step === 'claim') return this.#judge(result === true);
    if (!(result instanceof Uint8Array)) {
      throw refused(
        this.#hello === undefined ? 'the hello cannot be decrypted' : 'the welcome cannot be encrypted',
      );
    }
    if (this.#hello === undefined) return this.#readHello(result);
    this.#advance('proof');
    this.#port.transmit([result]);
  }

  identified(identity: Identity | undefined): void {
    if (this.#hello === undefined || this.#identity !== undefined) {
      throw new SessionError('E_STATE', 'nobody asked who the client is');
    }
    if (identity === undefined) throw refused('the client id is unknown');
    this.#identity = identity;
    const serverAesKey = this.#crypto.randomBytes(32);
    this.#serverAesKey = serverAesKey;
    const dataToSign = this.#challenge(this.#hello, identity, serverAesKey);
    this.#dataToSign = dataToSign;
    const welcome = encodeWelcome({ dataToSign, lastSeenSequence: identity.lastSequence, serverAesKey });
    this.#secrets.push(dataToSign, serverAesKey, welcome);
    this.#port.run({ kind: 'encrypt', bytes: welcome });
  }

  /** Of a client that has proved who it is; else undefined. */
  get ciphers(): ServerCiphers | undefined {
    return this.#ciphers;
  }

  /** The frames that waited behind the proof, in the order of their arrival. */
  takeWaiting(): readonly Uint8Array[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  destroy(): void {
    this.#forgetSecrets();
    this.#waiting = [];
    this.#opener?.destroy();
    this.#ciphers?.sealer.destroy();
    this.#ciphers?.opener.destroy();
  }

  #challenge(hello: Hello, identity: Identity, serverAesKey: Uint8Array): Uint8Array {
    const { hardening, context, checkpoint } = this.#options;
    if (hardening === 'off' || !fitsBoundChallenge(identity.modulusBytes)) {
      return plainChallenge((length) => this.#crypto.randomBytes(length));
    }
    const { clientId, lastSeenOrder, clientAesKey } = hello;
    const { lastSequence: lastSeenSequence, serverSpki, clientSpki } = identity;
    const { dataToSign, macKeys } = bindChallenge(
      this.#crypto,
      {
        ...{ context, clientId, lastSeenOrder, lastSeenSequence, serverSpki, clientSpki },
        ...{ clientAesKey, serverAesKey },
      },
      checkpoint,
    );
    this.#macKeys = macKeys;
    this.#secrets.push(macKeys.client, macKeys.server);
    return dataToSign;
  }

  #receiveHello(frame: Uint8Array): void {
    if (!this.#options.modulusBytes.includes(frame.length)) {
      throw refused('the hello has not the size of the modulus of a server key');
    }
    this.#advance('welcome');
    this.#port.run({ kind: 'decrypt', bytes: frame });
  }

  #readHello(plaintext: Uint8Array): void {
    this.#secrets.push(plaintext);
    let hello: Hello;
    try {
      hello = decodeHello(plaintext, { version: this.#options.layout !== 'documented' });
      this.#opener = this.#crypto.createOpener(hello.clientAesKey);
    } catch (cause) {
      throw refused('the hello is malformed', cause);
    }
    this.#hello = hello;
    if (hello.lastSeenOrder < -1n) throw refused('LAST SEEN ORDER lies below -1');
    this.#port.identify(printableId(hello.clientId, this.#options.maxClientIdLength), hello.lastSeenOrder);
  }

  #receiveProof(frame: Uint8Array): void {
    if (frame.length !== this.#identity?.modulusBytes || this.#dataToSign === undefined) {
      throw refused("the proof has not the size of the modulus of the client's key");
    }
    this.#advance('claim');
    // Always both, so that time does not tell what the server thinks of the client.
    if (this.#macKeys !== undefined) {
      const bytes = accepted(this.#dataToSign);
      this.#secrets.push(bytes);
      this.#port.run({ kind: 'verify', bytes, signature: frame });
    }
    this.#port.run({ kind: 'verify', bytes: this.#dataToSign, signature: frame });
  }

  #judge(verdict: boolean): void {
    this.#verdicts.push(verdict);
    const bound = this.#macKeys !== undefined;
    if (this.#verdicts.length < (bound ? 2 : 1)) return;
    const hardened = bound && this.#verdicts[0] === true;
    if (!hardened && this.#verdicts.at(-1) !== true) {
      throw refused('the proof is not a signature by the key of this client');
    }
    this.#ciphers = this.#open(hardened);
    this.#forgetSecrets();
    this.#port.claim();
  }

  #open(hardened: boolean): ServerCiphers {
    const { hardening, replays } = this.#options;
    const [identity, hello, opener, macKeys] = [this.#identity, this.#hello, this.#opener, this.#macKeys];
    if (identity === undefined || hello === undefined || opener === undefined || !this.#serverAesKey) {
      throw new SessionError('E_STATE', 'there was no welcome');
    }
    const fresh = replays.remember(hello.clientAesKey);
    const sealer = this.#crypto.createSealer(this.#serverAesKey);
    if (hardened && macKeys !== undefined) {
      return {
        identity,
        hardening: 'hardened',
        sealer: syntheticSealer(this.#crypto, sealer, macKeys.server),
        opener: syntheticOpener(this.#crypto, opener, macKeys.client),
      };
    }
    if (hardening === 'require' || identity.requireHardening) {
      throw new SessionError('E_UNHARDENED', 'the client did not accept a hardened session: it is required');
    }
    // Nothing else ties an old hello, and with it old frames, to this welcome.
    if (!fresh) throw refused("the client's AES key was used in an earlier session");
    const why = hardening === 'off' ? 'off' : macKeys === undefined ? 'small-key' : 'declined';
    return { identity, hardening: why, sealer, opener };
  }

  /** A client may pipeline behind its proof; what it sends waits until the proof holds and the store has answered. */
  #keepWaiting(frame: Uint8Array): void {
    this.#waitingBytes += frame.length + waitingFrameOverhead;
    if (this.#waitingBytes > this.#options.maxPipelinedBytes) {
      throw new SessionError(
        'E_OVERFLOW',
        `more than ${this.#options.maxPipelinedBytes} bytes came behind the proof`,
      );
    }
    this.#waiting.push(frame);
  }

  #advance(step: ServerHandshakeStep): void {
    this.#step = step;
    this.#port.stepped(step);
  }

  #forgetSecrets(): void {
    for (const secret of this.#secrets) secret.fill(0);
    this.#secrets.length = 0;
  }
}

/** Counted for each frame that waits: empty ones take memory too. */
const waitingFrameOverhead = 64;

function refused(message: string, cause?: unknown): SessionError {
  return new SessionError('E_HANDSHAKE', message, cause === undefined ? undefined : { cause });
}

/** Printable ASCII without the space: ids are shown in logs and compared byte by byte. */
function printableId(bytes: Uint8Array, maxLength: number): string {
  if (bytes.length === 0 || bytes.length > maxLength || bytes.some((byte) => byte < 0x21 || byte > 0x7e)) {
    throw refused(`the client id is not 1 to ${maxLength} printable ASCII characters`);
  }
  return String.fromCharCode(...bytes);
}
