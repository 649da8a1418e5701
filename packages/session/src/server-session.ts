import type { Crypto, Opener, Sealer } from '@sealwire/crypto';
import {
  type ClientFrame,
  decodeClientFrame,
  decodeHello,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  encodeWelcome,
  type Hello,
  heartbeat,
  type Layout,
  MessageType,
} from '@sealwire/framing';
import { plainChallenge } from './challenge.js';
import { errorText } from './error-text.js';
import { SessionError, type SessionErrorCode } from './errors.js';
import type { Job, JobResult } from './jobs.js';
import type { Clock, Deadlines, Milliseconds } from './liveness.js';
import { lastSequence } from './numbers.js';

/** Where a server's session stands. It only moves down this list. */
export type ServerSessionState =
  /** The hello is awaited. */
  | 'hello'
  /** The hello is being decrypted, its sender looked up, or the welcome encrypted. */
  | 'welcome'
  /** The proof is awaited. */
  | 'proof'
  /** The proof is being verified, or older sessions of the client fenced. What comes meanwhile waits. */
  | 'claim'
  | 'live'
  /** The handshake is refused and the close waits, so that its time tells nothing. */
  | 'refused'
  | 'ended';

/** Who a hello comes from, as the driver knows it. */
export interface Identity {
  /** Size in bytes of the modulus of the client's key. */
  readonly modulusBytes: number;
  /** Last accepted SEQUENCE, flushed; -1n if none. */
  readonly lastSequence: bigint;
  /** The client's layout where it is known. */
  readonly layout: Layout | undefined;
}

/** What the driver of a server session does for it. Calls come synchronously from the session's methods. */
export interface ServerSessionPort {
  /** Do this RSA job and hand its result to `complete`; results in the order of the jobs. */
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  ping(): void;
  /** Find out who this is and call `identified`. Nothing may change: nobody has proved anything yet. */
  identify(clientId: string, lastSeenOrder: bigint): void;
  /** The peer has proved who it is: fence its older sessions, read LAST SEEN SEQUENCE again, call `claimed`. */
  claim(): void;
  live(): void;
  /** The layout is known from here on: what the server sends may go. At once after `live`, or later with 'auto'. */
  layoutKnown(layout: Layout): void;
  /** A MESSAGE whose signature and SEQUENCE hold. `json` is not parsed yet. */
  message(sequence: bigint, json: Uint8Array): void;
  /** An RPC request whose signature holds and whose REQUEST_ID is not in flight. */
  request(requestId: bigint, json: Uint8Array): void;
  /** Close the link with this; called at most once. `error` is for the own side only. */
  end(code: number, reason: string, error: SessionError): void;
}

export interface ServerSessionOptions {
  /** Sizes in bytes of the moduli of the server's keys, and so of the hellos it takes. */
  readonly modulusBytes: readonly number[];
  readonly layout: Layout | 'auto';
  /** Has the link a ping that the driver can send? Never used towards a client of the deployed layout. */
  readonly pings: boolean;
  /** Client ids have 1 to this many printable ASCII characters. */
  readonly maxClientIdLength: number;
  /** Bytes that may wait while the proof is verified. */
  readonly maxPipelinedBytes: number;
  readonly deadlines: Deadlines;
}

type Pending =
  | { readonly step: 'hello' | 'welcome' | 'proof' }
  | { readonly step: 'frame'; readonly frame: ClientFrame };

/** One text for every failure up to and including the signature, so that it is no oracle. */
const frameFailure = 'the frame cannot be accepted';

/** The server's half of the protocol: frames, results and time go in; frames, jobs and events come out. */
export class ServerSession {
  readonly #options: ServerSessionOptions;
  readonly #port: ServerSessionPort;
  readonly #crypto: Crypto;
  readonly #clock: Clock;
  readonly #pending: Pending[] = [];
  readonly #requests = new Set<bigint>();
  #outgoing: Uint8Array[] = [];
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #state: ServerSessionState = 'hello';
  #hello: Hello | undefined;
  #identity: Identity | undefined;
  #dataToSign: Uint8Array | undefined;
  #ciphers: { readonly sealer: Sealer; readonly opener: Opener } | undefined;
  #layout: Layout | undefined;
  #nextSequence = 0n;
  #deadline: Milliseconds;
  #heartbeatAt = Number.POSITIVE_INFINITY;
  #pingAt = Number.POSITIVE_INFINITY;
  #layoutAt = Number.POSITIVE_INFINITY;
  #refusal: SessionError | undefined;

  /** The link is open: the time for the hello runs. */
  constructor(options: ServerSessionOptions, port: ServerSessionPort, crypto: Crypto, clock: Clock) {
    this.#options = options;
    this.#port = port;
    this.#crypto = crypto;
    this.#clock = clock;
    this.#deadline = clock.now() + options.deadlines.hello;
  }

  get state(): ServerSessionState {
    return this.#state;
  }

  /** The layout of the session, once it is known. */
  get layout(): Layout | undefined {
    return this.#layout;
  }

  /** When `tick` has to be called next, if nothing comes before. */
  get nextTick(): Milliseconds {
    return Math.min(this.#deadline, this.#heartbeatAt, this.#pingAt, this.#layoutAt);
  }

  /** What came in one read, in order. */
  receive(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      switch (this.#state) {
        case 'hello':
          this.#receiveHello(frame);
          break;
        case 'proof':
          this.#receiveProof(frame);
          break;
        case 'claim':
          this.#keepWaiting(frame);
          break;
        case 'live':
          this.#receiveFrame(frame);
          break;
        case 'welcome':
          this.#refuse('E_HANDSHAKE', 'a frame came before the welcome was sent');
          break;
        case 'refused':
        case 'ended':
          return;
      }
    }
    if (this.#state === 'live') this.#heard();
  }

  /** A pong, or any other sign that the peer reads. */
  receivePong(): void {
    if (this.#state === 'live') this.#heard();
  }

  receiveText(): void {
    if (this.#state === 'refused' || this.#state === 'ended') return;
    if (this.#state === 'live') {
      this.#end(
        1003,
        'text messages are not part of the protocol',
        new SessionError('E_TEXT_FRAME', 'the client sent a text message'),
      );
    } else {
      this.#refuse('E_TEXT_FRAME', 'the client sent a text message during the handshake');
    }
  }

  /** The result of the oldest job that has none yet. */
  complete(result: JobResult): void {
    const pending = this.#pending.shift();
    if (pending === undefined) throw new SessionError('E_STATE', 'there is no job that waits for a result');
    if (this.#state === 'refused' || this.#state === 'ended') return;
    switch (pending.step) {
      case 'hello':
        if (result instanceof Uint8Array) return this.#readHello(result);
        return this.#refuse('E_HANDSHAKE', 'the hello cannot be decrypted');
      case 'welcome':
        if (result instanceof Uint8Array) return this.#sendWelcome(result);
        return this.#refuse('E_HANDSHAKE', 'the welcome cannot be encrypted');
      case 'proof':
        if (result === true) return this.#port.claim();
        return this.#refuse('E_HANDSHAKE', 'the proof is not a signature by the key of this client');
      case 'frame':
        if (result === true) return this.#accept(pending.frame);
        return this.#failFrame('the signature does not hold');
    }
  }

  /** The driver's answer to `identify`; `undefined` where it knows no such client. */
  identified(identity: Identity | undefined): void {
    if (this.#state !== 'welcome') return;
    if (identity === undefined || this.#hello === undefined) {
      return this.#refuse('E_HANDSHAKE', 'the client id is unknown');
    }
    this.#identity = identity;
    const dataToSign = plainChallenge(this.#crypto.randomBytes);
    const serverAesKey = this.#crypto.randomBytes(32).slice();
    const welcome = encodeWelcome({ dataToSign, lastSeenSequence: identity.lastSequence, serverAesKey });
    this.#dataToSign = dataToSign;
    this.#ciphers = {
      sealer: this.#crypto.createSealer(serverAesKey),
      opener: this.#crypto.createOpener(this.#hello.clientAesKey),
    };
    this.#run({ kind: 'encrypt', bytes: welcome }, { step: 'welcome' });
  }

  /**
   * The driver's answer to `claim`: older sessions are fenced, and this is the last accepted SEQUENCE now. Where it
   * has moved since the welcome the client would number wrongly, so it is sent away to dial again at once.
   */
  claimed(sequence: bigint): void {
    if (this.#state !== 'claim' || this.#identity === undefined) return;
    if (sequence !== this.#identity.lastSequence) {
      return this.#end(
        1012,
        '',
        new SessionError('E_SEQUENCE', 'LAST SEEN SEQUENCE moved during the handshake'),
      );
    }
    const { deadlines } = this.#options;
    const now = this.#clock.now();
    this.#state = 'live';
    this.#nextSequence = sequence + 1n;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#port.live();
    this.#beat(now);
    const layout = this.#options.layout === 'auto' ? this.#identity.layout : this.#options.layout;
    if (layout === undefined) this.#layoutAt = now + deadlines.layout;
    else this.#setLayout(layout);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.receive(waiting);
  }

  /**
   * Queues server MESSAGEs; `flush` seals and sends them.
   *
   * @throws SessionError `E_STATE` while the session is not live or its layout not known
   */
  sendMessage(order: bigint, timestamp: number, json: Uint8Array): void {
    this.#outgoing.push(encodeServerMessage(this.#sendingLayout(), order, timestamp, json));
  }

  /** Queues the answer to a request; its REQUEST_ID is free again. An id that is not in flight is ignored. */
  sendAnswer(requestId: bigint, json: Uint8Array): void {
    if (!this.#requests.delete(requestId)) return;
    this.#outgoing.push(encodeServerRpc(this.#sendingLayout(), requestId, json));
  }

  /** Seals what is queued and hands it to the link in one batch. */
  flush(): void {
    if (this.#outgoing.length === 0 || this.#ciphers === undefined) return;
    const plaintexts = this.#outgoing;
    this.#outgoing = [];
    this.#port.transmit(this.#ciphers.sealer.sealBatch(plaintexts));
  }

  /** Sends ERROR with `text` and ends the session with `code`. */
  fail(code: number, text: string, error: SessionError): void {
    if (this.#state === 'live') {
      this.#outgoing.push(encodeServerError(this.#layout ?? 'documented', errorText(text)));
      this.flush();
    }
    this.#end(code, '', error);
  }

  /** Time has passed: call when `nextTick` is reached, after all pending input was handed to `receive`. */
  tick(): void {
    const now = this.#clock.now();
    if (now >= this.#deadline) return this.#expire();
    if (now >= this.#heartbeatAt) this.#beat(now);
    if (now >= this.#layoutAt) this.#setLayout('documented');
    if (now >= this.#pingAt) {
      this.#pingAt = Number.POSITIVE_INFINITY;
      this.#deadline = now + this.#options.deadlines.pong;
      this.#port.ping();
    }
  }

  /** The link is gone, or the driver closes it: drops the keys. Nothing is emitted after this. */
  destroy(): void {
    this.#state = 'ended';
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#heartbeatAt = Number.POSITIVE_INFINITY;
    this.#pingAt = Number.POSITIVE_INFINITY;
    this.#layoutAt = Number.POSITIVE_INFINITY;
    this.#outgoing = [];
    this.#waiting = [];
    this.#requests.clear();
    this.#hello?.clientAesKey.fill(0);
    this.#dataToSign?.fill(0);
    this.#ciphers?.sealer.destroy();
    this.#ciphers?.opener.destroy();
  }

  #receiveHello(frame: Uint8Array): void {
    this.#state = 'welcome';
    if (!this.#options.modulusBytes.includes(frame.length)) {
      return this.#refuse('E_HANDSHAKE', 'the hello has not the size of the modulus of a server key');
    }
    this.#run({ kind: 'decrypt', bytes: frame }, { step: 'hello' });
  }

  #readHello(plaintext: Uint8Array): void {
    let hello: Hello;
    try {
      hello = decodeHello(plaintext, { version: this.#options.layout !== 'documented' });
      this.#crypto.createOpener(hello.clientAesKey).destroy();
    } catch (cause) {
      return this.#refuse('E_HANDSHAKE', 'the hello is malformed', cause);
    }
    const clientId = printableId(hello.clientId, this.#options.maxClientIdLength);
    if (clientId === undefined)
      return this.#refuse('E_HANDSHAKE', 'the client id is not 1 to 64 printable ASCII characters');
    if (hello.lastSeenOrder < -1n) return this.#refuse('E_HANDSHAKE', 'LAST SEEN ORDER lies below -1');
    this.#hello = hello;
    this.#port.identify(clientId, hello.lastSeenOrder);
  }

  #sendWelcome(ciphertext: Uint8Array): void {
    this.#state = 'proof';
    this.#deadline = this.#clock.now() + this.#options.deadlines.proof;
    this.#port.transmit([ciphertext]);
  }

  #receiveProof(frame: Uint8Array): void {
    if (frame.length !== this.#identity?.modulusBytes || this.#dataToSign === undefined) {
      return this.#refuse('E_HANDSHAKE', "the proof has not the size of the modulus of the client's key");
    }
    this.#state = 'claim';
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#run({ kind: 'verify', bytes: this.#dataToSign, signature: frame }, { step: 'proof' });
  }

  /** A client may pipeline behind its proof; what it sends waits until the proof holds and the store has answered. */
  #keepWaiting(frame: Uint8Array): void {
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > this.#options.maxPipelinedBytes) {
      return this.#refuse(
        'E_OVERFLOW',
        `more than ${this.#options.maxPipelinedBytes} bytes came behind the proof`,
      );
    }
    this.#waiting.push(frame);
  }

  #receiveFrame(bytes: Uint8Array): void {
    if (this.#ciphers === undefined) return;
    let frame: ClientFrame;
    try {
      frame = decodeClientFrame(this.#ciphers.opener.open(bytes), this.#layout ?? 'auto');
    } catch (cause) {
      return this.#failFrame('the frame cannot be opened or read', cause);
    }
    this.#run({ kind: 'verify', bytes: frame.data, signature: frame.signature }, { step: 'frame', frame });
  }

  #accept(frame: ClientFrame): void {
    if (this.#layout === undefined) this.#setLayout(frame.layout);
    // Two frames of different layouts can be on their way before the first signature is verified.
    else if (this.#layout !== frame.layout) return this.#failFrame('the layout changed within the session');
    if (frame.type === MessageType.RPC) return this.#acceptRequest(frame);
    if (frame.number !== this.#nextSequence || frame.number > lastSequence) {
      const text = `invalid SEQUENCE: expected ${this.#nextSequence}, got ${frame.number}`;
      return this.fail(4001, text, new SessionError('E_SEQUENCE', text));
    }
    this.#nextSequence += 1n;
    this.#port.message(frame.number, frame.json);
  }

  #acceptRequest(frame: ClientFrame): void {
    if (this.#requests.has(frame.number)) {
      const text = 'REQUEST_ID is in flight';
      return this.fail(1002, text, new SessionError('E_REQUEST_ID', text));
    }
    this.#requests.add(frame.number);
    this.#port.request(frame.number, frame.json);
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout;
    this.#layoutAt = Number.POSITIVE_INFINITY;
    // The deployed clients fail on a WebSocket ping, so none is sent before the layout is known.
    if (this.#options.pings && layout === 'documented')
      this.#pingAt = this.#clock.now() + this.#options.deadlines.ping;
    this.#port.layoutKnown(layout);
  }

  #sendingLayout(): Layout {
    if (this.#state !== 'live' || this.#layout === undefined) {
      throw new SessionError('E_STATE', `nothing can be sent in the state "${this.#state}"`);
    }
    return this.#layout;
  }

  #beat(now: Milliseconds): void {
    this.#heartbeatAt = now + this.#options.deadlines.heartbeat;
    this.#port.transmit([heartbeat()]);
  }

  #heard(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    if (this.#options.pings && this.#layout === 'documented') {
      this.#pingAt = this.#clock.now() + this.#options.deadlines.ping;
    }
  }

  #expire(): void {
    switch (this.#state) {
      case 'refused':
        return this.#end(
          1008,
          '',
          this.#refusal ?? new SessionError('E_HANDSHAKE', 'the handshake was refused'),
        );
      case 'live':
        return this.#end(1001, '', new SessionError('E_SILENT', 'the client did not answer a ping in time'));
      default:
        return this.#end(
          1008,
          '',
          new SessionError('E_DEADLINE', `the client let the time for the ${this.#state} pass`),
        );
    }
  }

  #run(job: Job, pending: Pending): void {
    this.#pending.push(pending);
    this.#port.run(job);
  }

  #refuse(code: SessionErrorCode, message: string, cause?: unknown): void {
    if (this.#state === 'refused' || this.#state === 'ended') return;
    this.#state = 'refused';
    this.#refusal = new SessionError(code, message, cause === undefined ? undefined : { cause });
    this.#deadline = this.#clock.now() + this.#options.deadlines.refusal;
  }

  #failFrame(message: string, cause?: unknown): void {
    const error = new SessionError('E_FRAME', message, cause === undefined ? undefined : { cause });
    this.#end(1002, frameFailure, error);
  }

  #end(code: number, reason: string, error: SessionError): void {
    if (this.#state === 'ended') return;
    this.destroy();
    this.#port.end(code, reason, error);
  }
}

/** Printable ASCII without the space, or nothing: ids are shown in logs and compared byte by byte. */
function printableId(bytes: Uint8Array, maxLength: number): string | undefined {
  if (bytes.length === 0 || bytes.length > maxLength) return undefined;
  if (bytes.some((byte) => byte < 0x21 || byte > 0x7e)) return undefined;
  return String.fromCharCode(...bytes);
}
