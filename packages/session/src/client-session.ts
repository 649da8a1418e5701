import type { Crypto } from '@sealwire/crypto';
import {
  type ClientMessageType,
  decodeServerFrame,
  encodeClientFrame,
  encodeSignedData,
  isHeartbeat,
  type Layout,
  MessageType,
  type ServerFrame,
} from '@sealwire/framing';
import { assertNoChallenge } from './challenge.js';
import { type ClientCiphers, ClientHandshake, type Terms } from './client-handshake.js';
import type { ClientSessionOptions, ClientSessionPort, ClientSessionState } from './client-port.js';
import { errorText } from './error-text.js';
import { SessionError, type SessionErrorCode } from './errors.js';
import { sealedBytes } from './frame-size.js';
import { failureOf, type Job, type JobResult } from './jobs.js';
import { ClientLiveness, type Clock, type Milliseconds } from './liveness.js';
import { assertRequestId, assertSequence, unsolicited } from './numbers.js';
import { SeenFrames } from './seen-frames.js';

/** Of the sealed frames of one read, in order. */
type Plaintexts = Iterator<Uint8Array, void>;

/** The client's half of the protocol: frames, results and time go in; frames, jobs and events come out. */
export class ClientSession {
  readonly #options: ClientSessionOptions;
  readonly #port: ClientSessionPort;
  readonly #clock: Clock;
  readonly #handshake: ClientHandshake;
  /** Frames whose signature is being made, in the order of the calls. */
  readonly #signing: { readonly type: ClientMessageType; readonly data: Uint8Array }[] = [];
  #phase: 'handshake' | 'ready' | 'live' | 'ended' = 'handshake';
  readonly #crypto: Crypto;
  #ciphers: ClientCiphers | undefined;
  #seenFrames: SeenFrames | undefined;
  /** Of what the server sends: its first frame shows it, and then it may not change. */
  #serverLayout: Layout | 'auto' = 'auto';
  #lastOrder: bigint;
  #outgoing: Uint8Array[] = [];
  #jobs = 0;
  readonly #deadline: Milliseconds;
  /** From the proof on. */
  #liveness: ClientLiveness | undefined;
  #duplicates = 0;

  /** The link is open: the hello starts at once. */
  constructor(options: ClientSessionOptions, port: ClientSessionPort, crypto: Crypto, clock: Clock) {
    this.#options = options;
    this.#port = port;
    this.#clock = clock;
    this.#crypto = crypto;
    this.#lastOrder = options.lastSeenOrder;
    this.#deadline = clock.now() + options.deadlines.handshake;
    this.#handshake = new ClientHandshake(
      options,
      {
        run: (job) => this.#run(job),
        transmit: (frames) => port.transmit(frames),
        welcome: (lastSeenSequence, terms) => this.#welcome(lastSeenSequence, terms),
        signed: (proof) => this.#begin(proof),
      },
      crypto,
    );
    this.#handshake.start();
  }

  get state(): ClientSessionState {
    return this.#phase === 'handshake' ? this.#handshake.step : this.#phase;
  }

  /** Server MESSAGEs that were dropped because their ORDER had been seen. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** When `tick` has to be called next, if nothing comes before. */
  get nextTick(): Milliseconds {
    if (this.#phase === 'ended') return Number.POSITIVE_INFINITY;
    return this.#liveness?.nextTick ?? this.#deadline;
  }

  /** What came in one read, in order. */
  receive(frames: readonly Uint8Array[]): void {
    let sealed = false;
    let plaintexts: Plaintexts | undefined;
    for (let index = 0; index < frames.length; index += 1) {
      const frame = frames[index]!;
      if (this.#phase === 'handshake') {
        this.#shake(() => this.#handshake.receive(frame));
      } else if (isHeartbeat(frame)) {
        this.#receiveHeartbeat();
      } else {
        // Opened together from the first on, because each call into the cipher takes longer than a frame.
        plaintexts ??= this.#ciphers?.opener.openEach(
          frames.slice(index).filter((each) => !isHeartbeat(each)),
        );
        sealed = this.#receiveFrame(frame, plaintexts) || sealed;
      }
    }
    // One look at the clock for the whole read: any byte is a sign of life.
    if (this.#phase === 'live') this.#liveness?.heard(sealed);
  }

  receiveText(): void {
    this.#end(
      1003,
      new SessionError('E_TEXT_FRAME', 'the server sent a text message; the protocol has none'),
    );
  }

  /**
   * The result of the oldest job that has none yet.
   *
   * @throws SessionError `E_STATE` if there is no such job
   */
  complete(result: JobResult): void {
    if (this.#jobs === 0) throw new SessionError('E_STATE', 'there is no job that waits for a result');
    this.#jobs -= 1;
    if (this.#phase === 'handshake') return this.#shake(() => this.#handshake.complete(result));
    const frame = this.#signing.shift();
    if (frame === undefined) return;
    if (!(result instanceof Uint8Array)) {
      return this.#fail('E_CRYPTO', 'a message could not be signed', failureOf(result));
    }
    this.#outgoing.push(encodeClientFrame(this.#options.layout, frame.type, frame.data, result));
  }

  /**
   * Starts the signing of a MESSAGE. The frame leaves with the `flush` after its signature came.
   *
   * @throws SessionError `E_STATE` before `ready`, `E_SEQUENCE` from 2^62 on, `E_OVERFLOW` beyond `maxFrameBytes`
   */
  sendMessage(sequence: bigint, json: Uint8Array): void {
    assertSequence(sequence);
    this.#send(MessageType.MESSAGE, sequence, json);
  }

  /**
   * Starts the signing of an RPC request.
   *
   * @throws SessionError `E_STATE` before `ready`, `E_REQUEST_ID` outside 2^62 to 2^63 - 1, `E_OVERFLOW` beyond
   * `maxFrameBytes`
   */
  sendRequest(requestId: bigint, json: Uint8Array): void {
    assertRequestId(requestId);
    this.#send(MessageType.RPC, requestId, json);
  }

  /** Seals what is signed and hands it to the link in one batch. */
  flush(): void {
    if (this.#outgoing.length === 0 || this.#ciphers === undefined) return;
    const plaintexts = this.#outgoing;
    this.#outgoing = [];
    let frames: readonly Uint8Array[];
    try {
      frames = this.#ciphers.sealer.sealBatch(plaintexts);
    } catch (cause) {
      // What was to be sealed is numbered: without it the server would refuse all that follows.
      return this.#fail('E_CRYPTO', 'the messages could not be sealed', cause);
    }
    this.#port.transmit(frames);
  }

  /** Time has passed: call when `nextTick` is reached, after all pending input was handed to `receive`. */
  tick(): void {
    const { handshake, silence, checkpoint } = this.#options.deadlines;
    if (this.#phase === 'handshake') {
      if (this.#clock.now() < this.#deadline) return;
      return this.#fail('E_DEADLINE', `the handshake took longer than ${handshake} ms`);
    }
    switch (this.#liveness?.tick()) {
      case 'silent':
        return this.#fail('E_SILENT', `the server was silent for ${silence} ms`);
      case 'unanswered':
        return this.#fail(
          'E_SILENT',
          `heartbeats came, but no sealed frame within ${checkpoint} ms of asking`,
        );
      case 'ask':
        return this.#port.unsealed();
    }
  }

  /**
   * Bytes that are no whole frame came last at `at`, on the session's clock: a part of one, or the transport's own. A
   * live session is not silent then; a handshake gets no more time by it.
   */
  heardBytes(at: Milliseconds): void {
    if (this.#phase === 'live') this.#liveness?.heardBytes(at);
  }

  /** Starts the time of silence anew; for a driver that stopped reading by its own will. */
  resumeReading(): void {
    if (this.#phase === 'live') this.#liveness?.heard(true);
  }

  /** The link is gone, or the driver closes it: drops the keys. Nothing is emitted after this. */
  destroy(): void {
    this.#phase = 'ended';
    this.#liveness = undefined;
    this.#ciphers = undefined;
    this.#outgoing = [];
    this.#signing.length = 0;
    // It made the ciphers of the session too.
    this.#handshake.destroy();
  }

  /** Runs a step of the handshake; whatever goes wrong in it ends the session. */
  #shake(step: () => void): void {
    try {
      step();
    } catch (error) {
      // Once it is done, what a call of the driver throws is the driver's.
      if (!(error instanceof SessionError) || this.#phase !== 'handshake') throw error;
      this.#end(1002, error);
    }
  }

  #welcome(lastSeenSequence: bigint, terms: Terms): boolean {
    const verdict = this.#port.welcome(lastSeenSequence, terms);
    if (verdict !== undefined) this.#end(1000, verdict);
    return this.#phase === 'handshake';
  }

  #begin(proof: Uint8Array): void {
    const { deadlines, refuseRepeatedFrames } = this.#options;
    this.#ciphers = this.#handshake.finish();
    this.#phase = 'ready';
    this.#liveness = new ClientLiveness(deadlines, this.#clock, this.#wantsSealed);
    if (refuseRepeatedFrames && !this.#hardened) this.#seenFrames = new SeenFrames(this.#crypto);
    this.#port.transmit([proof]);
    // A link may break, and the driver destroy the session, while it sends.
    if (this.state === 'ready') this.#port.ready();
  }

  get #hardened(): boolean {
    return this.#ciphers?.terms.hardening === 'hardened';
  }

  /** Sealed frames count as a sign of life, heartbeats alone do not: only from a server that can be asked for one. */
  get #wantsSealed(): boolean {
    return this.#hardened && this.#ciphers?.terms.checkpoint === true;
  }

  #receiveHeartbeat(): void {
    if (!this.#wantsSealed) this.#becomeLive();
  }

  /** @returns whether it opened */
  #receiveFrame(bytes: Uint8Array, plaintexts: Plaintexts | undefined): boolean {
    const frame = this.#open(bytes, plaintexts);
    if (frame === undefined) return false;
    // With an ERROR alone the server sends the client away that has not lived yet.
    if (frame.type !== MessageType.ERROR || !this.#hardened) this.#becomeLive();
    if (this.#phase === 'live' || this.#phase === 'ready') this.#handle(frame);
    return true;
  }

  #handle(frame: ServerFrame): void {
    switch (frame.type) {
      case MessageType.MESSAGE:
        return this.#receiveMessage(frame.order, frame.timestamp, frame.json);
      case MessageType.RPC:
        if (!this.#isSignOfLife(frame)) this.#port.answer(frame.requestId, frame.json);
        return;
      case MessageType.ERROR:
        return this.#port.error(errorText(frame.text));
    }
  }

  #becomeLive(): void {
    if (this.#phase !== 'ready') return;
    this.#phase = 'live';
    this.#port.live();
  }

  #open(bytes: Uint8Array, plaintexts: Plaintexts | undefined): ServerFrame | undefined {
    if (this.#ciphers === undefined || plaintexts === undefined) return undefined;
    if (this.#seenFrames?.admit(bytes) === false) {
      this.#fail('E_FRAME', 'a frame of the server came twice');
      return undefined;
    }
    try {
      const plaintext = plaintexts.next().value ?? new Uint8Array(0);
      const frame = decodeServerFrame(plaintext, this.#serverLayout);
      // An ERROR tells its layout less surely than the others, and nothing follows it; a sign of life may come too early.
      if (frame.type !== MessageType.ERROR && !this.#isSignOfLife(frame)) this.#serverLayout = frame.layout;
      return frame;
    } catch (cause) {
      this.#fail('E_FRAME', 'a frame of the server cannot be opened or read', cause);
      return undefined;
    }
  }

  #isSignOfLife(frame: ServerFrame): boolean {
    return this.#hardened && frame.type === MessageType.RPC && frame.requestId === unsolicited;
  }

  #receiveMessage(order: bigint, timestamp: number, json: Uint8Array): void {
    if (order <= this.#lastOrder) {
      this.#duplicates += 1;
      return;
    }
    // Without a synthetic IV one flipped bit turns ORDER 5 into 2^62 and would acknowledge the whole future.
    const seen = this.#lastOrder < 0n ? 0n : this.#lastOrder;
    if (!this.#hardened && seen > 0n && order - seen > this.#options.maxOrderGap) {
      return this.#fail('E_ORDER', `ORDER jumped by more than ${this.#options.maxOrderGap}`);
    }
    this.#lastOrder = order;
    this.#port.message(order, timestamp, json);
  }

  #send(type: ClientMessageType, number: bigint, json: Uint8Array): void {
    if (this.#phase !== 'ready' && this.#phase !== 'live') {
      throw new SessionError('E_STATE', `nothing can be sent in the state "${this.state}"`);
    }
    if (sealedBytes(json.length, this.#options.modulusBytes) > this.#options.maxFrameBytes) {
      throw new SessionError(
        'E_OVERFLOW',
        `the message does not fit a frame of ${this.#options.maxFrameBytes} bytes`,
      );
    }
    const data = encodeSignedData(this.#options.layout, type, number, json);
    assertNoChallenge(data);
    this.#signing.push({ type, data });
    this.#run({ kind: 'sign', bytes: data });
  }

  #run(job: Job): void {
    this.#jobs += 1;
    this.#port.run(job);
  }

  #fail(code: SessionErrorCode, message: string, cause?: unknown): void {
    const error = new SessionError(code, message, cause === undefined ? undefined : { cause });
    // Only a frame is the server's fault; the others are time that passed and faults of this side.
    this.#end(code === 'E_FRAME' || code === 'E_ORDER' ? 1002 : 1001, error);
  }

  #end(code: number, error: Error): void {
    if (this.#phase === 'ended') return;
    this.destroy();
    this.#port.end(code, error);
  }
}
