import type { Crypto, Opener, Sealer } from '@sealwire/crypto';
import { decodeWelcome, encodeHello, type Layout, type Welcome } from '@sealwire/framing';
import { assertSafeChallenge } from './challenge.js';
import { SessionError } from './errors.js';
import type { Job, JobResult } from './jobs.js';
import { lastSequence } from './numbers.js';

export type ClientHandshakeStep =
  /** The hello is being encrypted. */
  | 'hello'
  /** The hello is out; the welcome is awaited, decrypted or under the driver's eyes. */
  | 'welcome'
  /** The proof is being signed. */
  | 'proof';

export interface ClientHandshakeOptions {
  readonly clientId: Uint8Array;
  readonly layout: Layout;
  /** LAST SEEN ORDER: the server sends what is larger. -1n for all that is kept. */
  readonly lastSeenOrder: bigint;
  /** Size in bytes of the own key's modulus, and so of a welcome. */
  readonly modulusBytes: number;
}

/** What the session does for its handshake. */
export interface ClientHandshakePort {
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  /** The server's LAST SEEN SEQUENCE: may the handshake go on with it? */
  welcome(lastSeenSequence: bigint): boolean;
  /** The handshake is done, but for the proof, which has to be sent. */
  signed(proof: Uint8Array): void;
}

/**
 * Hello, welcome, proof, seen from the client. Every method that takes something from the peer throws a
 * SessionError where the handshake has to be refused.
 */
export class ClientHandshake {
  readonly #options: ClientHandshakeOptions;
  readonly #port: ClientHandshakePort;
  readonly #crypto: Crypto;
  readonly #clientAesKey: Uint8Array;
  /** All that is wiped at the end, the plaintexts that hold keys included. */
  readonly #secrets: Uint8Array[] = [];
  #step: ClientHandshakeStep = 'hello';
  #welcomed = false;
  #sealer: Sealer | undefined;
  #opener: Opener | undefined;

  constructor(options: ClientHandshakeOptions, port: ClientHandshakePort, crypto: Crypto) {
    this.#options = options;
    this.#port = port;
    this.#crypto = crypto;
    this.#clientAesKey = crypto.randomBytes(32);
    this.#secrets.push(this.#clientAesKey);
  }

  get step(): ClientHandshakeStep {
    return this.#step;
  }

  start(): void {
    const hello = encodeHello({
      clientId: this.#options.clientId,
      lastSeenOrder: this.#options.lastSeenOrder,
      clientAesKey: this.#clientAesKey,
    });
    this.#secrets.push(hello);
    this.#port.run({ kind: 'encrypt', bytes: hello });
  }

  receive(frame: Uint8Array): void {
    if (this.#step !== 'welcome') throw refused('the server sent a frame where the handshake has none');
    if (this.#welcomed) throw refused('the server sent a second frame before the proof');
    if (frame.length !== this.#options.modulusBytes) {
      throw refused(
        `the welcome is not ${this.#options.modulusBytes} bytes long, as the client's key demands`,
      );
    }
    this.#welcomed = true;
    this.#port.run({ kind: 'decrypt', bytes: frame });
  }

  /** The result of the one job that a step has at a time. */
  complete(result: JobResult): void {
    if (!(result instanceof Uint8Array)) {
      // Which of them failed is told to the own side only; the server sees a close with an empty reason.
      throw refused(`the RSA operation of the ${this.#step} failed`);
    }
    switch (this.#step) {
      case 'hello':
        this.#step = 'welcome';
        return this.#port.transmit([result]);
      case 'welcome':
        return this.#readWelcome(result);
      case 'proof':
        return this.#port.signed(result);
    }
  }

  /** What the session works with after the proof. */
  finish(): { sealer: Sealer; opener: Opener } {
    if (this.#sealer === undefined || this.#opener === undefined) {
      throw new SessionError('E_STATE', 'the handshake is not finished');
    }
    this.#forgetSecrets();
    return { sealer: this.#sealer, opener: this.#opener };
  }

  destroy(): void {
    this.#forgetSecrets();
    this.#sealer?.destroy();
    this.#opener?.destroy();
  }

  #readWelcome(plaintext: Uint8Array): void {
    this.#secrets.push(plaintext);
    const welcome = this.#decode(plaintext);
    assertSafeChallenge(welcome.dataToSign);
    if (welcome.lastSeenSequence < -1n || welcome.lastSeenSequence > lastSequence) {
      throw refused('LAST SEEN SEQUENCE lies outside -1 to 2^62 - 1');
    }
    if (!this.#port.welcome(welcome.lastSeenSequence)) return;
    this.#step = 'proof';
    this.#port.run({ kind: 'sign', bytes: welcome.dataToSign });
  }

  #decode(plaintext: Uint8Array): Welcome {
    let welcome: Welcome;
    try {
      welcome = decodeWelcome(plaintext, { version: this.#options.layout === 'deployed' });
      this.#opener = this.#crypto.createOpener(welcome.serverAesKey);
    } catch (cause) {
      throw refused('the welcome is malformed', cause);
    }
    // Whoever answers knows both keys, so the time of this comparison tells nothing.
    if (welcome.serverAesKey.every((byte, index) => byte === this.#clientAesKey[index])) {
      throw refused("the server sent the client's own AES key back");
    }
    this.#sealer = this.#crypto.createSealer(this.#clientAesKey);
    return welcome;
  }

  #forgetSecrets(): void {
    for (const secret of this.#secrets) secret.fill(0);
    this.#secrets.length = 0;
  }
}

function refused(message: string, cause?: unknown): SessionError {
  return new SessionError('E_HANDSHAKE', message, cause === undefined ? undefined : { cause });
}
