import type { PublicKey } from '@sealwire/crypto';
import {
  ClientSession,
  type ClientSessionPort,
  type HardeningMode,
  type Job,
  type JobResult,
  OrderedJobs,
  SessionError,
  type SessionHardening,
  type Terms,
} from '@sealwire/session';
import type { Cancel, Link, LinkClose } from '@sealwire/transport';
import type { Calls } from './calls.js';
import { type Deferred, deferred } from './deferred.js';
import { ClientError } from './errors.js';
import type { IncomingEnd } from './inbox.js';
import type { Memory } from './memory.js';
import type { ConnectionSettings } from './options.js';
import type { Outbox } from './outbox.js';
import type { AttemptEnd } from './reconnect.js';
import { Sender } from './sender.js';

/** What a connection tells its client. */
export interface ConnectionPort {
  /** The welcome fits what was sent. `checkpoint`: the server said in a bound challenge that it answers it. */
  welcomed(lastSeenSequence: bigint, trusted: boolean, checkpoint: boolean): void;
  /** The proof has left. */
  proved(): void;
  live(lastSeenSequence: bigint, hardening: SessionHardening): void;
  /** Heartbeats alone have come for long: ask the server for a sign of life. */
  probe(): void;
  messagesLeft(): void;
  /** A message of the outbox can never be sent. */
  failed(error: ClientError): void;
}

/** The parts of a client that outlast its connections. */
export interface Lasting {
  readonly inbox: IncomingEnd;
  readonly outbox: Outbox;
  readonly calls: Calls;
  readonly memory: Memory;
}

/** Drives one session on one link: RSA jobs, the timer, reading and its pauses, and the end. */
export class Connection {
  /** How it ended; never rejects. */
  readonly ended: Promise<AttemptEnd>;
  /** TLS, or on this machine: nobody on the way can write on it. */
  readonly protectedLink: boolean;
  readonly #link: Link;
  readonly #settings: ConnectionSettings;
  readonly #inbox: IncomingEnd;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #memory: Memory;
  readonly #port: ConnectionPort;
  readonly #session: ClientSession;
  readonly #sender: Sender;
  readonly #jobs: OrderedJobs;
  readonly #ended: Deferred<AttemptEnd> = deferred<AttemptEnd>();
  #phase: AttemptEnd['phase'] = 'handshake';
  #liveAt = 0;
  #lastSeenSequence = -1n;
  #terms: Terms | undefined;
  #serverText: string | undefined;
  #paused = false;
  #over = false;
  #cancelTimer: Cancel = () => {};
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(
    link: Link,
    serverKey: PublicKey,
    settings: ConnectionSettings,
    { inbox, outbox, calls, memory }: Lasting,
    port: ConnectionPort,
  ) {
    this.ended = this.#ended.promise;
    this.protectedLink = link.secure || link.local;
    this.#memory = memory;
    this.#link = link;
    this.#settings = settings;
    this.#inbox = inbox;
    this.#outbox = outbox;
    this.#calls = calls;
    this.#port = port;
    this.#jobs = new OrderedJobs({
      execute: (job) => this.#execute(job, serverKey),
      complete: (result) => this.#complete(result),
      completed: () => this.#flush(),
    });
    inbox.begin();
    this.#session = new ClientSession(
      {
        clientId: settings.clientId,
        layout: settings.layout,
        lastSeenOrder: inbox.received,
        modulusBytes: settings.clientKey.publicKey.modulusBytes,
        maxOrderGap: settings.maxOrderGap,
        maxFrameBytes: settings.maxFrameBytes,
        refuseRepeatedFrames: !this.protectedLink,
        hardening: this.#mode(),
        context: settings.context,
        serverSpki: serverKey.spki,
        clientSpki: settings.clientKey.publicKey.spki,
        replays: memory.replays,
        deadlines: settings.deadlines,
      },
      this.#sessionPort(),
      settings.crypto,
      settings.scheduler,
    );
    this.#sender = new Sender(this.#session, link, outbox, calls, settings.maxBufferedBytes, port);
    link.start({
      frames: (frames) => this.#receive(frames),
      text: () => this.#session.receiveText(),
      drain: () => this.#sender.feed(),
      pong: () => {},
      close: (close) => this.#closed(close),
    });
    this.#armTimer();
  }

  /** May what the server says be believed? */
  get trusted(): boolean {
    return this.#linkTrusted || this.#hardened;
  }

  /** There may be something to send, to read or to stop reading. */
  wake(): void {
    if (this.#over) return;
    this.#sender.feed();
    this.#adjustReading();
  }

  /** Ends politely: what was handed over is delivered first. `ended` resolves when the link has closed. */
  close(): void {
    this.#sender.close();
    this.#session.destroy();
    this.#cancelTimer();
    this.#link.close(1000, '');
  }

  /** Ends over what the server sent. */
  refuse(error: Error): void {
    if (this.#over) return;
    this.#session.destroy();
    this.#giveUp(1002, error);
  }

  /** Ends at once. */
  cut(): void {
    if (this.#over) return;
    this.#session.destroy();
    this.#finish({ closeCode: 1006, ownClose: true });
    this.#link.terminate();
  }

  #sessionPort(): ClientSessionPort {
    return {
      run: (job) => this.#jobs.run(job),
      transmit: (frames) => this.#link.send(frames),
      welcome: (lastSeenSequence, terms) => this.#welcome(lastSeenSequence, terms),
      ready: () => {
        this.#phase = 'proof';
        this.#port.proved();
        this.#sender.open();
        this.#armTimer();
      },
      live: () => {
        this.#phase = 'live';
        this.#liveAt = this.#settings.scheduler.now();
        if (this.#terms !== undefined) this.#port.live(this.#lastSeenSequence, this.#terms.hardening);
        this.#sender.heard();
      },
      unsealed: () => this.#port.probe(),
      message: (order, timestamp, json) => this.#inbox.accept(order, timestamp, json, this.trusted),
      answer: (requestId, json) => this.#answer(requestId, json),
      error: (text) => {
        this.#serverText = text;
      },
      end: (code, error) => this.#giveUp(code, error),
    };
  }

  /** Is the link itself such that its ends can be believed? */
  get #linkTrusted(): boolean {
    return this.protectedLink || this.#memory.vouched;
  }

  get #hardened(): boolean {
    return this.#terms?.hardening === 'hardened';
  }

  #mode(): HardeningMode {
    const { hardening } = this.#settings;
    if (hardening === 'off') return 'off';
    if (this.#memory.pin.set) return 'require';
    return hardening ?? (this.#linkTrusted ? 'prefer' : 'require');
  }

  #welcome(lastSeenSequence: bigint, terms: Terms): Error | undefined {
    this.#terms = terms;
    if (this.#hardened) this.#memory.pin.keep();
    const error = this.#outbox.welcome(lastSeenSequence, this.trusted);
    if (error !== undefined) return error;
    this.#lastSeenSequence = lastSeenSequence;
    this.#port.welcomed(lastSeenSequence, this.trusted, terms.checkpoint);
    return undefined;
  }

  #answer(requestId: bigint, json: Uint8Array): void {
    if (this.#calls.answered(requestId, json)) return;
    this.refuse(new ClientError('E_LOST', 'the server answered a request that was never made'));
  }

  async #execute(job: Job, serverKey: PublicKey): Promise<JobResult> {
    const { clientKey } = this.#settings;
    switch (job.kind) {
      case 'encrypt':
        return serverKey.encrypt(job.bytes);
      case 'decrypt':
        return clientKey.decrypt(job.bytes);
      case 'sign':
        if (this.#phase === 'handshake') await this.#memory.pin.saved();
        return clientKey.sign(job.bytes);
      case 'verify':
        return clientKey.publicKey.verify(job.bytes, job.signature);
    }
  }

  #complete(result: JobResult): void {
    // What is completed after the handshake is a signed frame: the handshake has no job left by then.
    const frame = this.#session.state === 'ready' || this.#session.state === 'live';
    this.#session.complete(result);
    if (frame) this.#sender.signed();
  }

  #flush(): void {
    if (this.#over) return;
    this.#sender.flush();
    this.#sender.feed();
  }

  #receive(frames: readonly Uint8Array[]): void {
    if (this.#over) return;
    this.#inbox.arriving();
    this.#session.receive(frames);
    this.#adjustReading();
  }

  /** Pauses the link while the inbox is full, unless an answer is awaited, which comes on the same line. */
  #adjustReading(): void {
    const { pausing } = this.#link;
    if (pausing === undefined || this.#over) return;
    const pause = this.#inbox.wantsPause && !this.#calls.waiting && this.#phase === 'live';
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) {
      pausing.pause();
    } else {
      pausing.resume();
      // The silence was of our own making.
      this.#session.resumeReading();
      this.#armTimer();
    }
  }

  /** Only moved when the deadline comes nearer: a later one is found when the timer fires. */
  #armTimer(): void {
    const { nextTick } = this.#session;
    if (this.#over || nextTick >= this.#timerAt || nextTick === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer();
    this.#timerAt = nextTick;
    const { scheduler } = this.#settings;
    this.#cancelTimer = scheduler.after(nextTick - scheduler.now(), () => {
      // After a stall of this process the link holds bytes that nobody has read: they are read before silence is judged.
      this.#cancelTimer = scheduler.after(0, () => this.#judge());
    });
  }

  #judge(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    // While we do not read, silence says nothing; resuming arms the timer again.
    if (this.#paused || this.#over) return;
    const { silentFor } = this.#link;
    if (silentFor !== undefined) this.#session.heardBytes(this.#settings.scheduler.now() - silentFor);
    this.#session.tick();
    this.#armTimer();
  }

  #giveUp(code: number, error: Error): void {
    this.#finish({ closeCode: code, ownClose: true, error });
    this.#link.close(code, '');
  }

  #closed({ code, violation, cause }: LinkClose): void {
    this.#session.destroy();
    // Not a word of the server's: no refusal of it, and no verdict on a message of ours.
    const error = violation
      ? new SessionError('E_FRAME', 'the server broke the rules of the transport: see the cause', { cause })
      : cause;
    this.#finish({ closeCode: code, ownClose: violation ?? false, error });
  }

  #finish(end: Pick<AttemptEnd, 'closeCode' | 'ownClose' | 'error'>): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender.close();
    this.#cancelTimer();
    this.#ended.resolve({
      ...end,
      phase: this.#phase,
      trusted: this.#linkTrusted,
      hardened: this.#hardened,
      liveFor: this.#phase === 'live' ? this.#settings.scheduler.now() - this.#liveAt : 0,
      ...(this.#serverText === undefined ? {} : { serverText: this.#serverText }),
    });
  }
}
