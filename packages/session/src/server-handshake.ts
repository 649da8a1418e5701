import type { Crypto, Opener, Sealer } from '@sealwire/crypto';
import { decodeHello, encodeWelcome, type Hello, type Layout } from '@sealwire/framing';
import { plainChallenge } from './challenge.js';
import { SessionError } from './errors.js';
import type { Job, JobResult } from './jobs.js';

/** Who a hello comes from, as the driver knows it. */
export interface Identity {
  /** Size in bytes of the modulus of the client's key. */
  readonly modulusBytes: number;
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
  #sealer: Sealer | undefined;
  #opener: Opener | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #proved = false;

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

  /** The result of the one job that a step has at a time. */
  complete(result: JobResult): void {
    if (this.#step === 'claim') {
      if (result !== true) throw refused('the proof is not a signature by the key of this client');
      this.#proved = true;
      return this.#port.claim();
    }
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
    this.#dataToSign = plainChallenge((length) => this.#crypto.randomBytes(length));
    const serverAesKey = this.#crypto.randomBytes(32);
    const welcome = encodeWelcome({
      dataToSign: this.#dataToSign,
      lastSeenSequence: identity.lastSequence,
      serverAesKey,
    });
    this.#sealer = this.#crypto.createSealer(serverAesKey);
    this.#secrets.push(this.#dataToSign, serverAesKey, welcome);
    this.#port.run({ kind: 'encrypt', bytes: welcome });
  }

  /** What a session of the proved client works with. The frames that waited are in the order of their arrival. */
  finish(): { identity: Identity; sealer: Sealer; opener: Opener; waiting: readonly Uint8Array[] } {
    if (
      !this.#proved ||
      this.#identity === undefined ||
      this.#sealer === undefined ||
      this.#opener === undefined
    ) {
      throw new SessionError('E_STATE', 'the client has not proved who it is');
    }
    this.#forgetSecrets();
    const waiting = this.#waiting;
    this.#waiting = [];
    return { identity: this.#identity, sealer: this.#sealer, opener: this.#opener, waiting };
  }

  destroy(): void {
    this.#forgetSecrets();
    this.#waiting = [];
    this.#sealer?.destroy();
    this.#opener?.destroy();
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
    this.#port.run({ kind: 'verify', bytes: this.#dataToSign, signature: frame });
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
