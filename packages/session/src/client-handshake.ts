import { type Crypto, type Opener, timingSafeEqual } from '@sealwire/crypto';
import { decodeWelcome, encodeHello, type Layout, type Welcome } from '@sealwire/framing';
import { accepted, isMarked, type MacKeys, offerOf, openChallenge } from './bound-challenge.js';
import { assertSafeChallenge } from './challenge.js';
import { SessionError } from './errors.js';
import { type FrameOpener, type FrameSealer, syntheticOpener, syntheticSealer } from './frame-cipher.js';
import type { HardeningMode, SessionHardening } from './hardening.js';
import { failureOf, type Job, type JobResult } from './jobs.js';
import { lastSequence } from './numbers.js';
import type { ReplayMemory } from './replay-memory.js';

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
  /** `'require'` also where the server once proved that it can. */
  readonly hardening: HardeningMode;
  /** The same bytes on both sides, such as the name of the service; may be empty. */
  readonly context: Uint8Array;
  /** The key that the hello is encrypted to, and the own one, in minimal DER. */
  readonly serverSpki: Uint8Array;
  readonly clientSpki: Uint8Array;
  /** Challenges and AES keys of the server, for all sessions of this client. */
  readonly replays: ReplayMemory;
}

/** What the client knows of a session before it signs. */
export interface Terms {
  readonly hardening: SessionHardening;
  /** A hardened server said that it answers `sealwire.Checkpoint`. */
  readonly checkpoint: boolean;
}

/** What a session works with after the proof. */
export interface ClientCiphers {
  readonly terms: Terms;
  readonly sealer: FrameSealer;
  readonly opener: FrameOpener;
}

/** What the session does for its handshake. */
export interface ClientHandshakePort {
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  /** The server's LAST SEEN SEQUENCE: may the handshake go on with it? */
  welcome(lastSeenSequence: bigint, terms: Terms): boolean;
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
  #ciphers: ClientCiphers | undefined;

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
      throw refused(`the RSA operation of the ${this.#step} failed`, failureOf(result));
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
  finish(): ClientCiphers {
    if (this.#ciphers === undefined) throw new SessionError('E_STATE', 'the handshake is not finished');
    this.#forgetSecrets();
    return this.#ciphers;
  }

  destroy(): void {
    this.#forgetSecrets();
    this.#ciphers?.sealer.destroy();
    this.#ciphers?.opener.destroy();
  }

  #readWelcome(plaintext: Uint8Array): void {
    this.#secrets.push(plaintext);
    const welcome = this.#decode(plaintext);
    const { dataToSign } = welcome;
    assertSafeChallenge(dataToSign);
    if (timingSafeEqual(welcome.serverAesKey, this.#clientAesKey)) {
      throw refused("the server sent the client's own AES key back");
    }
    const macKeys = this.#macKeys(welcome);
    if (macKeys === undefined) this.#refuseRepeated(welcome);
    const ciphers = this.#makeCiphers(welcome, macKeys);
    this.#ciphers = ciphers;
    if (welcome.lastSeenSequence < -1n || welcome.lastSeenSequence > lastSequence) {
      throw refused('LAST SEEN SEQUENCE lies outside -1 to 2^62 - 1');
    }
    if (!this.#port.welcome(welcome.lastSeenSequence, ciphers.terms)) return;
    this.#step = 'proof';
    const bytes = macKeys === undefined ? dataToSign : accepted(dataToSign);
    this.#secrets.push(bytes);
    this.#port.run({ kind: 'sign', bytes });
  }

  /** All that a bound challenge must stand, before anything of the welcome is used; undefined for a session of the document. */
  #macKeys(welcome: Welcome): MacKeys | undefined {
    const { hardening, context, clientId, lastSeenOrder, serverSpki, clientSpki } = this.#options;
    const { dataToSign, lastSeenSequence, serverAesKey } = welcome;
    if (hardening === 'off') return undefined;
    if (!isMarked(dataToSign)) {
      if (hardening === 'prefer') return undefined;
      throw new SessionError('E_UNHARDENED', 'the server did not bind its challenge to the handshake');
    }
    const clientAesKey = this.#clientAesKey;
    const binding = { context, clientId, lastSeenOrder, lastSeenSequence, serverSpki, clientSpki };
    const macKeys = openChallenge(this.#crypto, { ...binding, clientAesKey, serverAesKey }, dataToSign);
    if (macKeys === undefined) {
      throw new SessionError(
        'E_TAG',
        'the challenge is not bound to this handshake: the peer is not the holder of serverKey, or has another context',
      );
    }
    this.#secrets.push(macKeys.client, macKeys.server);
    if (!offerOf(dataToSign).syntheticIvs) throw refused('the bound challenge offers nothing');
    if (timingSafeEqual(serverSpki, clientSpki))
      throw refused('the client and the server have the same RSA key');
    return macKeys;
  }

  /** Rule 6 of the guard, and its like for the key: nothing else shows that a welcome is no recording. */
  #refuseRepeated({ dataToSign, serverAesKey }: Welcome): void {
    const { replays } = this.#options;
    if (!replays.remember(dataToSign)) {
      throw new SessionError('E_CHALLENGE_REFUSED', 'DATA TO SIGN came before (rule 6); it was not signed');
    }
    if (!replays.remember(serverAesKey)) throw refused("the server's AES key came before");
  }

  #makeCiphers({ dataToSign, serverAesKey }: Welcome, macKeys: MacKeys | undefined): ClientCiphers {
    const sealer = this.#crypto.createSealer(this.#clientAesKey);
    const opener = this.#openerOf(serverAesKey);
    if (macKeys === undefined) {
      const hardening = this.#options.hardening === 'off' ? 'off' : 'not-offered';
      return { terms: { hardening, checkpoint: false }, sealer, opener };
    }
    return {
      terms: { hardening: 'hardened', checkpoint: offerOf(dataToSign).checkpoint },
      sealer: syntheticSealer(this.#crypto, sealer, macKeys.client),
      opener: syntheticOpener(this.#crypto, opener, macKeys.server),
    };
  }

  #decode(plaintext: Uint8Array): Welcome {
    try {
      return decodeWelcome(plaintext, { version: this.#options.layout === 'deployed' });
    } catch (cause) {
      throw refused('the welcome is malformed', cause);
    }
  }

  #openerOf(serverAesKey: Uint8Array): Opener {
    try {
      return this.#crypto.createOpener(serverAesKey);
    } catch (cause) {
      throw refused('the welcome is malformed', cause);
    }
  }

  #forgetSecrets(): void {
    for (const secret of this.#secrets) secret.fill(0);
    this.#secrets.length = 0;
  }
}

function refused(message: string, cause?: unknown): SessionError {
  return new SessionError('E_HANDSHAKE', message, cause === undefined ? undefined : { cause });
}
