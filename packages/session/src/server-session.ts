import type { Crypto } from '@sealwire/crypto';
import { type ClientFrame, heartbeat, type Layout, MessageType } from '@sealwire/framing';
import { errorText } from './error-text.js';
import { SessionError, type SessionErrorCode } from './errors.js';
import type { FrameSealer } from './frame-cipher.js';
import type { Job, JobResult } from './jobs.js';
import { Live } from './live.js';
import type { Clock, Milliseconds } from './liveness.js';
import { lastSequence, unsolicited } from './numbers.js';
import { OutgoingFrames } from './outgoing-frames.js';
import { frameError } from './received-frames.js';
import { Requests } from './requests.js';
import { signOfLife } from './reserved.js';
import { ServerDeadlines } from './server-deadlines.js';
import { type Identity, ServerHandshake } from './server-handshake.js';
import type { ServerSessionOptions, ServerSessionPort, ServerSessionState } from './server-port.js';

/** For every failure up to and including the signature, so that it is no oracle. */
const frameFailure = 'the frame cannot be accepted';

/** The server's half of the protocol: frames, results and time go in; frames, jobs and events come out. */
export class ServerSession {
  readonly #options: ServerSessionOptions;
  readonly #port: ServerSessionPort;
  readonly #clock: Clock;
  /** Until the session is live: what it holds is more than all the rest. */
  #handshake: ServerHandshake | undefined;
  readonly #requests: Requests;
  #phase: 'handshake' | 'live' | 'refused' | 'ended' = 'handshake';
  #live: Live | undefined;
  #layout: Layout | undefined;
  #nextSequence = 0n;
  readonly #outgoing = new OutgoingFrames();
  #refusal: { readonly code: number; readonly reason: string; readonly error: Error } | undefined;
  readonly #deadlines: ServerDeadlines;
  #jobs = 0;

  /** The link is open: the time for the hello runs. */
  constructor(options: ServerSessionOptions, port: ServerSessionPort, crypto: Crypto, clock: Clock) {
    this.#options = options;
    this.#port = port;
    this.#clock = clock;
    this.#requests = new Requests(options.requireHighRequestIds);
    this.#deadlines = new ServerDeadlines(options.deadlines, clock);
    this.#handshake = new ServerHandshake(
      options,
      {
        run: (job) => this.#run(job),
        transmit: (frames) => port.transmit(frames),
        identify: (clientId, lastSeenOrder) => port.identify(clientId, lastSeenOrder),
        claim: () => this.#claim(),
        stepped: (step) => this.#deadlines.stepped(step),
      },
      crypto,
    );
  }

  get state(): ServerSessionState {
    return this.#phase === 'handshake' ? (this.#handshake?.step ?? 'ended') : this.#phase;
  }

  /** The layout of the session, once it is known. */
  get layout(): Layout | undefined {
    return this.#layout;
  }

  /** When `tick` has to be called next, if nothing comes before. */
  get nextTick(): Milliseconds {
    return Math.min(this.#deadlines.due, this.#live?.liveness.nextTick ?? Number.POSITIVE_INFINITY);
  }

  /** What came in one read, in order. */
  receive(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      if (this.#phase === 'live') this.#receiveFrame(frame);
      else this.#shake(this.#clock.now(), (handshake) => handshake.receive(frame));
    }
    this.heard();
  }

  /** At `at` bytes came that are no whole frame: a sign of life, but no more time for a handshake. */
  heard(at?: Milliseconds): void {
    this.#live?.liveness.heard(at);
  }

  /** A ping was answered; called once for each. True: the client has taken more of what was sent. */
  receivePong(): boolean {
    return this.#live?.liveness.ponged() ?? false;
  }

  /** False: what can wait goes on after the next `receivePong`, because the client has yet to take what is on its way. */
  get hasRoom(): boolean {
    return this.#live?.liveness.hasRoom ?? true;
  }

  receiveText(): void {
    const error = new SessionError('E_TEXT_FRAME', 'the client sent a text message; the protocol has none');
    if (this.#phase === 'live') this.#end(1003, 'text messages are not part of the protocol', error);
    else if (this.#phase === 'handshake') this.#refuse(this.#clock.now(), error);
  }

  /**
   * The result of the oldest job that has none yet.
   *
   * @throws SessionError `E_STATE` if there is no such job
   */
  complete(result: JobResult): void {
    if (this.#jobs === 0) throw new SessionError('E_STATE', 'there is no job that waits for a result');
    this.#jobs -= 1;
    if (this.#phase === 'handshake') {
      return this.#shake(this.#deadlines.askedAt, (handshake) => handshake.complete(result));
    }
    const { frame, since = 0 } = this.#live?.received.verified(result) ?? {};
    if (frame instanceof SessionError) this.#failFrame(since, frame);
    else if (frame !== undefined) this.#accept(frame, since);
  }

  /** The driver does no work for this hello: closed with `code`, when a refusal of it would be. A no-op after the handshake. */
  turnAway(code: number, error: Error): void {
    if (this.#phase === 'handshake') this.#refuse(this.#deadlines.askedAt, error, code);
  }

  /** The driver's answer to `identify`; `undefined` where it knows no such client. */
  identified(identity: Identity | undefined): void {
    this.#shake(this.#deadlines.askedAt, (handshake) => handshake.identified(identity));
  }

  /**
   * The driver's answer to `claim`: older sessions are fenced, and this is the last accepted SEQUENCE now. Where it
   * has moved since the welcome the client would number wrongly, so it is sent away to dial again at once.
   *
   * @throws SessionError `E_STATE` if nothing was claimed
   */
  claimed(sequence: bigint): void {
    if (this.state !== 'claim') return;
    const { ciphers } = this.#handshake ?? {};
    if (ciphers === undefined) throw new SessionError('E_STATE', 'the client has not proved who it is');
    const { identity, hardening } = ciphers;
    if (sequence !== identity.lastSequence) {
      return this.#end(1012, '', new SessionError('E_SEQUENCE', 'LAST SEEN SEQUENCE moved meanwhile'));
    }
    const layout = this.#options.layout === 'auto' ? identity.layout : this.#options.layout;
    const waiting = this.#handshake?.takeWaiting() ?? [];
    this.#phase = 'live';
    this.#handshake = undefined;
    this.#deadlines.clear();
    this.#live = new Live(ciphers, this.#options.deadlines, this.#clock);
    this.#nextSequence = sequence + 1n;
    this.#port.live(hardening);
    // The driver may destroy the session in any of its calls, and then nothing more may come.
    if (this.#ended) return;
    // The proof has no acknowledgement of its own: the first heartbeat is it.
    this.#port.transmit([heartbeat()]);
    if (this.#live?.hardened === true && this.#options.checkpoint) {
      // Whatever the layout: this frame does not fix it.
      this.#outgoing.batch.addRpc(layout ?? 'documented', unsolicited, signOfLife);
      this.flush();
    }
    if (this.#ended) return;
    if (layout === undefined) this.#deadlines.layout();
    else this.#setLayout(layout);
    this.receive(waiting);
  }

  /**
   * Queues a server MESSAGE; `flush` seals and sends what is queued.
   * @throws SessionError `E_STATE` while the session is not live or its layout not known
   */
  sendMessage(order: bigint, timestamp: number, json: Uint8Array): void {
    this.#outgoing.batch.addMessage(this.#sendingLayout(), order, timestamp, json);
  }

  /** Queues the answer to a request; its REQUEST_ID is free again. An id that is not in flight is ignored. */
  sendAnswer(requestId: bigint, json: Uint8Array): void {
    if (!this.#requests.settle(requestId)) return;
    this.#outgoing.batch.addRpc(this.#sendingLayout(), requestId, json);
  }

  /** Seals what is queued and hands it to the link in one batch. */
  flush(): void {
    if (this.#live !== undefined) this.#send(this.#live.sealer);
  }

  #send(sealer: FrameSealer): void {
    let frames: readonly Uint8Array[];
    try {
      frames = this.#outgoing.seal(sealer);
    } catch (cause) {
      return this.#end(1011, '', new SessionError('E_CRYPTO', 'sealing failed', { cause }));
    }
    if (frames.length === 0) return;
    this.#port.transmit(frames);
    if (this.#live?.liveness.sent(frames) === true) this.#port.ping();
  }

  /**
   * Sends ERROR with `text`, made safe and cut to 4 KiB, where the peer has proved who it is, and ends the session with
   * `code`. In a hardened session a client heeds the code only if `text` begins with it.
   */
  fail(code: number, text: string, error: Error): void {
    const early = this.#phase === 'handshake' ? this.#handshake?.ciphers : undefined;
    const sealer = early?.hardening === 'hardened' ? early.sealer : this.#live?.sealer;
    if (sealer !== undefined) {
      const layout = this.#layout ?? early?.identity.layout ?? 'documented';
      this.#outgoing.batch.addError(layout, errorText(text));
      this.#send(sealer);
    }
    this.#end(code, '', error);
  }

  /** Time has passed: call when `nextTick` is reached, after all pending input was handed to `receive`. */
  tick(): void {
    if (this.#deadlines.passed) this.#expire();
    // A call of the driver may end the session, so that what is still due is asked for each time.
    for (let due = this.#live?.liveness.tick(); due !== undefined; due = this.#live?.liveness.tick()) {
      if (due === 'beat') this.#port.transmit([heartbeat()]);
      else if (due === 'ping') this.#port.ping();
      else this.#end(1001, '', new SessionError('E_SILENT', 'the client did not answer a ping in time'));
    }
  }

  /** The link is gone, or the driver closes it: drops the keys. Nothing is emitted after this. */
  destroy(): void {
    this.#phase = 'ended';
    this.#deadlines.clear();
    this.#live?.destroy();
    this.#live = undefined;
    this.#outgoing.clear();
    this.#requests.clear();
    this.#handshake?.destroy();
  }

  get #ended(): boolean {
    return this.#phase === 'ended';
  }

  #run(job: Job): void {
    this.#jobs += 1;
    this.#port.run(job);
  }

  /** Runs a step of the handshake for a frame that came at `since`; whatever goes wrong in it is a refusal. */
  #shake(since: Milliseconds, step: (handshake: ServerHandshake) => void): void {
    if (this.#phase !== 'handshake' || this.#handshake === undefined) return;
    try {
      step(this.#handshake);
    } catch (error) {
      // Once it is done, what a call of the driver throws is the driver's.
      if (!(error instanceof SessionError) || this.#phase !== 'handshake') throw error;
      // Its proof holds: nothing but its haste is wrong.
      this.#refuse(since, error, this.#handshake.ciphers === undefined ? 1008 : 1013);
    }
  }

  /** After a stall of this process a good proof may be old: its client has left and may live at another server. */
  #claim(): void {
    if (!this.#deadlines.proofIsLate) return this.#port.claim();
    this.#end(1012, '', new SessionError('E_DEADLINE', 'the proof was verified too late to act on it'));
  }

  #receiveFrame(bytes: Uint8Array): void {
    const job = this.#live?.received.take(bytes, this.#layout ?? 'auto', this.#clock.now());
    if (job !== undefined) this.#run(job);
  }

  #accept(frame: ClientFrame, since: Milliseconds): void {
    if (this.#layout === undefined) this.#setLayout(frame.layout);
    // Two frames of different layouts can be on their way before the first signature is verified.
    else if (this.#layout !== frame.layout) return this.#failFrame(since, frameError('the layout changed'));
    if (this.#ended) return;
    if (frame.type === MessageType.RPC) return this.#acceptRequest(frame, since);
    if (frame.number !== this.#nextSequence || frame.number > lastSequence) {
      const text = `4001 invalid SEQUENCE ${frame.number}, expected ${this.#nextSequence}`;
      return this.#failAccepted('E_SEQUENCE', 4001, text);
    }
    this.#nextSequence += 1n;
    this.#port.message(frame.number, frame.json);
  }

  #acceptRequest(frame: ClientFrame, since: Milliseconds): void {
    const { number, signature, json } = frame;
    const verdict = this.#requests.admit(number, this.#live?.hardened === true ? undefined : signature);
    switch (verdict) {
      case 'admitted':
        return this.#port.request(number, json);
      case 'in flight':
      case 'below 2^62':
        return this.#failAccepted('E_REQUEST_ID', 1002, `1002 REQUEST_ID ${number} is ${verdict}`);
      case 'replayed':
        return this.#failFrame(since, frameError('a request came twice'));
      case 'full':
        return this.#end(1012, '', new SessionError('E_OVERFLOW', 'the session took too many requests'));
    }
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout;
    this.#deadlines.clear();
    // The deployed clients fail on a WebSocket ping, so there is none before the layout is known.
    if (this.#options.pings && layout === 'documented') this.#live?.liveness.startPings();
    this.#port.layoutKnown(layout);
  }

  #sendingLayout(): Layout {
    if (this.#phase !== 'live' || this.#layout === undefined) {
      throw new SessionError('E_STATE', `nothing can be sent in the state "${this.state}"`);
    }
    return this.#layout;
  }

  #expire(): void {
    if (this.#phase === 'live' && this.#refusal === undefined) return this.#setLayout('documented');
    // The time for the welcome is the server's own, and its client is to come again.
    const ours = this.state === 'welcome';
    const late = `${ours ? 'the server' : 'the client'} let the time for the ${this.state} pass`;
    const {
      code = ours ? 1013 : 1008,
      reason = '',
      error = new SessionError('E_DEADLINE', late),
    } = this.#refusal ?? {};
    this.#end(code, reason, error);
  }

  #refuse(since: Milliseconds, error: Error, code = 1008): void {
    this.#phase = 'refused';
    this.#closeLater(since, code, '', error);
  }

  #closeLater(since: Milliseconds, code: number, reason: string, error: Error): void {
    this.#refusal = { code, reason, error };
    this.#deadlines.refused(since);
  }

  /** As late as a refused handshake, so that time does not tell what failed. What is sent meanwhile still goes out. */
  #failFrame(since: Milliseconds, error: SessionError): void {
    this.#live?.received.end();
    this.#closeLater(since, 1002, frameFailure, error);
  }

  /** The signature held, so the client may be told what is wrong. */
  #failAccepted(code: SessionErrorCode, closeCode: number, text: string): void {
    this.fail(closeCode, text, new SessionError(code, text));
  }

  #end(code: number, reason: string, error: Error): void {
    if (this.#ended) return;
    this.destroy();
    this.#port.end(code, reason, error);
  }
}
