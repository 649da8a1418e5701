import type { Crypto, Opener, Sealer } from '@sealwire/crypto';
import {
  type ClientMessageType,
  decodeServerFrame,
  decodeWelcome,
  encodeClientFrame,
  encodeHello,
  encodeSignedData,
  isHeartbeat,
  type Layout,
  MessageType,
  type ServerFrame,
  type Welcome,
} from '@sealwire/framing';
import { assertSafeChallenge } from './challenge.js';
import { SessionError, type SessionErrorCode } from './errors.js';
import type { Job, JobResult } from './jobs.js';
import type { Clock, Deadlines, Milliseconds } from './liveness.js';
import { firstRequestId, lastSequence } from './numbers.js';

/** Where a client's session stands. It only moves down this list. */
export type ClientSessionState =
  /** The hello is being encrypted. */
  | 'hello'
  /** The hello is out; the welcome is awaited, decrypted or under the driver's eyes. */
  | 'welcome'
  /** The proof is being signed. */
  | 'proof'
  /** The proof is out: messages may be sent; the server has not been heard since. */
  | 'ready'
  /** The server was heard after the proof. */
  | 'live'
  | 'ended';

/** What the driver of a client session does for it. Calls come synchronously from the session's methods. */
export interface ClientSessionPort {
  /** Do this RSA job and hand its result to `complete`; results in the order of the jobs. */
  run(job: Job): void;
  transmit(frames: readonly Uint8Array[]): void;
  /**
   * The server's LAST SEEN SEQUENCE, before anything is signed. Return an error to end the session with it: the
   * number does not fit what this client has sent.
   */
  welcome(lastSeenSequence: bigint): Error | undefined;
  /** The proof is out: send. */
  ready(): void;
  /** The first byte after the proof came. */
  live(): void;
  /** One server MESSAGE whose ORDER is larger than all before. `json` is not parsed yet. */
  message(order: bigint, timestamp: number, json: Uint8Array): void;
  answer(requestId: bigint, json: Uint8Array): void;
  /** The server's ERROR text; a close follows. */
  error(text: string): void;
  /** The session gave up: close the link with this code and an empty reason. Called at most once. */
  end(code: number, error: Error): void;
}

export interface ClientSessionOptions {
  readonly clientId: Uint8Array;
  readonly layout: Layout;
  /** LAST SEEN ORDER: the server sends what is larger. -1n for all that is kept. */
  readonly lastSeenOrder: bigint;
  /** Size in bytes of the own key's modulus, and so of a welcome. */
  readonly modulusBytes: number;
  /** ORDER may grow by this much from one message to the next; more is an altered frame. */
  readonly maxOrderGap: bigint;
  /** A larger frame is not built: the peer would close the link over it. */
  readonly maxFrameBytes: number;
  readonly deadlines: Deadlines;
}

type Pending =
  | { readonly step: 'hello' | 'welcome' | 'proof' }
  | { readonly step: 'frame'; readonly type: ClientMessageType; readonly data: Uint8Array };

/** The client's half of the protocol: frames, results and time go in; frames, jobs and events come out. */
export class ClientSession {
  readonly #options: ClientSessionOptions;
  readonly #port: ClientSessionPort;
  readonly #crypto: Crypto;
  readonly #clock: Clock;
  readonly #clientAesKey: Uint8Array;
  readonly #pending: Pending[] = [];
  #outgoing: Uint8Array[] = [];
  #state: ClientSessionState = 'hello';
  #ciphers: { readonly sealer: Sealer; readonly opener: Opener } | undefined;
  #lastOrder: bigint;
  #deadline: Milliseconds;
  #duplicates = 0;

  /** The link is open: the hello starts at once. */
  constructor(options: ClientSessionOptions, port: ClientSessionPort, crypto: Crypto, clock: Clock) {
    this.#options = options;
    this.#port = port;
    this.#crypto = crypto;
    this.#clock = clock;
    this.#lastOrder = options.lastSeenOrder;
    this.#deadline = clock.now() + options.deadlines.handshake;
    this.#clientAesKey = crypto.randomBytes(32).slice();
    const hello = encodeHello({
      clientId: options.clientId,
      lastSeenOrder: options.lastSeenOrder,
      clientAesKey: this.#clientAesKey,
    });
    this.#run({ kind: 'encrypt', bytes: hello }, { step: 'hello' });
  }

  get state(): ClientSessionState {
    return this.#state;
  }

  /** Server MESSAGEs that were dropped because their ORDER had been seen. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** When `tick` has to be called next, if nothing comes before. */
  get nextTick(): Milliseconds {
    return this.#state === 'ended' ? Number.POSITIVE_INFINITY : this.#deadline;
  }

  /** What came in one read, in order. */
  receive(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      switch (this.#state) {
        case 'ready':
        case 'live':
          this.#receiveFrame(frame);
          break;
        case 'welcome':
          this.#receiveWelcome(frame);
          break;
        case 'hello':
        case 'proof':
          this.#fail('E_HANDSHAKE', 'the server sent a frame where the handshake has none');
          break;
        case 'ended':
          return;
      }
    }
    // One look at the clock for the whole read: any byte is a sign of life.
    if (this.#state === 'live') this.#deadline = this.#clock.now() + this.#options.deadlines.silence;
  }

  receiveText(): void {
    this.#end(
      1003,
      new SessionError('E_TEXT_FRAME', 'the server sent a text message; the protocol has none'),
    );
  }

  /** The result of the oldest job that has none yet. */
  complete(result: JobResult): void {
    const pending = this.#pending.shift();
    if (pending === undefined) throw new SessionError('E_STATE', 'there is no job that waits for a result');
    if (this.#state === 'ended') return;
    if (!(result instanceof Uint8Array)) {
      // Which of them failed is told to the own side only; the server sees a close with an empty reason.
      return this.#fail('E_HANDSHAKE', `the RSA operation of the ${pending.step} failed`);
    }
    switch (pending.step) {
      case 'hello':
        this.#state = 'welcome';
        this.#port.transmit([result]);
        break;
      case 'welcome':
        this.#readWelcome(result);
        break;
      case 'proof':
        this.#state = 'ready';
        this.#deadline = this.#clock.now() + this.#options.deadlines.silence;
        this.#port.transmit([result]);
        this.#port.ready();
        break;
      case 'frame':
        this.#outgoing.push(encodeClientFrame(this.#options.layout, pending.type, pending.data, result));
        break;
    }
  }

  /**
   * Starts the signing of a MESSAGE. The frame leaves with the `flush` after its signature came.
   *
   * @throws SessionError `E_STATE` before `ready`, `E_SEQUENCE` from 2^62 on, `E_OVERFLOW` beyond `maxFrameBytes`
   */
  sendMessage(sequence: bigint, json: Uint8Array): void {
    if (sequence < 0n || sequence > lastSequence) {
      throw new SessionError('E_SEQUENCE', 'SEQUENCE lies outside 0 to 2^62 - 1');
    }
    this.#send(MessageType.MESSAGE, sequence, json);
  }

  /**
   * Starts the signing of an RPC request.
   *
   * @throws SessionError `E_STATE` before `ready`, `E_REQUEST_ID` below 2^62, `E_OVERFLOW` beyond `maxFrameBytes`
   */
  sendRequest(requestId: bigint, json: Uint8Array): void {
    // A signed RPC whose number could be a SEQUENCE might be replayed as a message: the type is not under the signature.
    if (requestId < firstRequestId) throw new SessionError('E_REQUEST_ID', 'REQUEST_ID lies below 2^62');
    this.#send(MessageType.RPC, requestId, json);
  }

  /** Seals what is signed and hands it to the link in one batch. */
  flush(): void {
    if (this.#outgoing.length === 0) return;
    const plaintexts = this.#outgoing;
    this.#outgoing = [];
    this.#port.transmit(this.#keys().sealer.sealBatch(plaintexts));
  }

  /** Time has passed: call when `nextTick` is reached, after all pending input was handed to `receive`. */
  tick(): void {
    if (this.#clock.now() < this.nextTick) return;
    if (this.#state === 'ready' || this.#state === 'live') {
      this.#fail('E_SILENT', `the server was silent for ${this.#options.deadlines.silence} ms`);
    } else {
      this.#fail('E_DEADLINE', `the handshake took longer than ${this.#options.deadlines.handshake} ms`);
    }
  }

  /** Starts the time of silence anew; for a driver that stopped reading by its own will. */
  resumeReading(): void {
    if (this.#state === 'live') this.#deadline = this.#clock.now() + this.#options.deadlines.silence;
  }

  /** The link is gone, or the driver closes it: drops the keys. Nothing is emitted after this. */
  destroy(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#outgoing = [];
    this.#clientAesKey.fill(0);
    this.#ciphers?.sealer.destroy();
    this.#ciphers?.opener.destroy();
  }

  #keys(): { readonly sealer: Sealer; readonly opener: Opener } {
    if (this.#ciphers === undefined) throw new SessionError('E_STATE', 'the session keys are not known yet');
    return this.#ciphers;
  }

  #receiveWelcome(frame: Uint8Array): void {
    if (this.#pending.length > 0) {
      return this.#fail('E_HANDSHAKE', 'the server sent a second frame before the proof');
    }
    if (frame.length !== this.#options.modulusBytes) {
      return this.#fail(
        'E_HANDSHAKE',
        `the welcome is not ${this.#options.modulusBytes} bytes long, as the client's key demands`,
      );
    }
    this.#run({ kind: 'decrypt', bytes: frame }, { step: 'welcome' });
  }

  #readWelcome(plaintext: Uint8Array): void {
    let welcome: Welcome;
    try {
      welcome = this.#checkWelcome(plaintext);
    } catch (cause) {
      if (cause instanceof SessionError) return this.#end(1002, cause);
      return this.#fail('E_HANDSHAKE', 'the welcome is malformed', cause);
    }
    const verdict = this.#port.welcome(welcome.lastSeenSequence);
    if (verdict !== undefined) return this.#end(1000, verdict);
    this.#state = 'proof';
    this.#run({ kind: 'sign', bytes: welcome.dataToSign }, { step: 'proof' });
  }

  #checkWelcome(plaintext: Uint8Array): Welcome {
    const welcome = decodeWelcome(plaintext);
    assertSafeChallenge(welcome.dataToSign);
    if (welcome.lastSeenSequence < -1n || welcome.lastSeenSequence > lastSequence) {
      throw new SessionError('E_HANDSHAKE', 'LAST SEEN SEQUENCE lies outside -1 to 2^62 - 1');
    }
    // Whoever answers knows both keys, so the time of this comparison tells nothing.
    if (welcome.serverAesKey.every((byte, index) => byte === this.#clientAesKey[index])) {
      throw new SessionError('E_HANDSHAKE', "the server sent the client's own AES key back");
    }
    this.#ciphers = {
      sealer: this.#crypto.createSealer(this.#clientAesKey),
      opener: this.#crypto.createOpener(welcome.serverAesKey),
    };
    return welcome;
  }

  #receiveFrame(frame: Uint8Array): void {
    if (isHeartbeat(frame)) return this.#becomeLive();
    const decoded = this.#open(frame);
    if (decoded === undefined) return;
    this.#becomeLive();
    switch (decoded.type) {
      case MessageType.MESSAGE:
        return this.#receiveMessage(decoded.order, decoded.timestamp, decoded.json);
      case MessageType.RPC:
        return this.#port.answer(decoded.requestId, decoded.json);
      case MessageType.ERROR:
        return this.#port.error(decoded.text);
    }
  }

  #becomeLive(): void {
    if (this.#state !== 'ready') return;
    this.#state = 'live';
    this.#port.live();
  }

  #open(frame: Uint8Array): ServerFrame | undefined {
    try {
      return decodeServerFrame(this.#keys().opener.open(frame), 'auto');
    } catch (cause) {
      this.#fail('E_FRAME', 'a frame of the server cannot be opened or read', cause);
      return undefined;
    }
  }

  #receiveMessage(order: bigint, timestamp: number, json: Uint8Array): void {
    if (order <= this.#lastOrder) {
      this.#duplicates += 1;
      return;
    }
    // Without a synthetic IV one flipped bit turns ORDER 5 into 2^62 and would acknowledge the whole future.
    const seen = this.#lastOrder < 0n ? 0n : this.#lastOrder;
    if (seen > 0n && order - seen > this.#options.maxOrderGap) {
      return this.#fail('E_ORDER', `ORDER jumped by more than ${this.#options.maxOrderGap}`);
    }
    this.#lastOrder = order;
    this.#port.message(order, timestamp, json);
  }

  #send(type: ClientMessageType, number: bigint, json: Uint8Array): void {
    if (this.#state !== 'ready' && this.#state !== 'live') {
      throw new SessionError('E_STATE', `nothing can be sent in the state "${this.#state}"`);
    }
    const data = encodeSignedData(this.#options.layout, type, number, json);
    if (sealedBytes(data.length, this.#options.modulusBytes) > this.#options.maxFrameBytes) {
      throw new SessionError(
        'E_OVERFLOW',
        `the message does not fit a frame of ${this.#options.maxFrameBytes} bytes`,
      );
    }
    this.#run({ kind: 'sign', bytes: data }, { step: 'frame', type, data });
  }

  #run(job: Job, pending: Pending): void {
    this.#pending.push(pending);
    this.#port.run(job);
  }

  #fail(code: SessionErrorCode, message: string, cause?: unknown): void {
    const error = new SessionError(code, message, cause === undefined ? undefined : { cause });
    this.#end(code === 'E_SILENT' || code === 'E_DEADLINE' ? 1001 : 1002, error);
  }

  #end(code: number, error: Error): void {
    if (this.#state === 'ended') return;
    this.destroy();
    this.#port.end(code, error);
  }
}

/** IV, signature with its length, type, data with its length, PKCS#7. The same bound holds for both layouts. */
function sealedBytes(dataLength: number, signatureLength: number): number {
  const plaintext = 4 + signatureLength + 3 + 4 + 4 + dataLength;
  return 16 + plaintext + 16;
}
