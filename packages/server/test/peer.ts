import { crypto, type KeyPair, type PublicKey } from '@sealwire/crypto';
import type { Layout } from '@sealwire/framing';
import {
  ClientSession,
  decodeJson,
  defaultDeadlines,
  encodeJson,
  firstRequestId,
  type HardeningMode,
  type Job,
  OrderedJobs,
  ReplayMemory,
  type SessionHardening,
} from '@sealwire/session';
import type { Dialer, Link, LinkClose } from '@sealwire/transport';

export interface PeerOptions {
  readonly dial: Dialer;
  readonly serverKey: PublicKey;
  readonly clientId: string;
  readonly key: KeyPair;
  readonly lastSeenOrder?: bigint;
  readonly layout?: Layout;
  readonly hardening?: HardeningMode;
  readonly context?: string;
}

export interface Received {
  readonly order: bigint;
  readonly payload: unknown;
}

/** A client with nothing around its session: it does exactly what a test tells it. */
export class Peer {
  readonly link: Link;
  readonly session: ClientSession;
  readonly messages: Received[] = [];
  readonly errors: string[] = [];
  /** What came, in the order of its coming. */
  readonly trace: ('message' | 'answer')[] = [];
  readonly answers: { readonly requestId: bigint; readonly payload: unknown }[] = [];
  /** The server's LAST SEEN SEQUENCE. */
  lastSeenSequence: bigint | undefined;
  hardening: SessionHardening | undefined;
  heartbeats = 0;
  closed: LinkClose | undefined;
  ended: Error | undefined;
  ready = false;
  live = false;
  #changed: (() => void)[] = [];
  #nextRequest = firstRequestId;
  #nextSequence = 0n;

  constructor(link: Link, options: PeerOptions) {
    const { serverKey, clientId, key, lastSeenOrder = -1n, layout } = options;
    this.link = link;
    const execute = async (job: Job) => {
      if (job.kind === 'encrypt') return serverKey.encrypt(job.bytes);
      if (job.kind === 'decrypt') return key.privateKey.decrypt(job.bytes);
      return job.kind === 'sign' ? key.privateKey.sign(job.bytes) : undefined;
    };
    const jobs = new OrderedJobs({
      execute,
      complete: (result) => this.session.complete(result),
      completed: () => {
        this.session.flush();
        this.#tell();
      },
    });
    const early: Job[] = [];
    let run = (job: Job): void => void early.push(job);
    this.session = new ClientSession(
      {
        clientId: new TextEncoder().encode(clientId),
        layout: layout ?? 'documented',
        lastSeenOrder,
        modulusBytes: key.publicKey.modulusBytes,
        maxOrderGap: 1n << 40n,
        maxFrameBytes: 65_536,
        refuseRepeatedFrames: false,
        hardening: options.hardening ?? 'prefer',
        context: new TextEncoder().encode(options.context ?? ''),
        serverSpki: serverKey.spki,
        clientSpki: key.publicKey.spki,
        replays: new ReplayMemory(crypto),
        deadlines: defaultDeadlines,
      },
      {
        run: (job) => run(job),
        transmit: (frames) => link.send(frames),
        welcome: (lastSeenSequence, terms) => {
          this.hardening = terms.hardening;
          this.lastSeenSequence = lastSeenSequence;
          this.#nextSequence = lastSeenSequence + 1n;
          return undefined;
        },
        ready: () => {
          this.ready = true;
        },
        live: () => {
          this.live = true;
        },
        unsealed() {},
        message: (order, _timestamp, json) => {
          this.trace.push('message');
          this.messages.push({ order, payload: decodeJson(json) });
        },
        answer: (requestId, json) => {
          this.trace.push('answer');
          this.answers.push({ requestId, payload: decodeJson(json) });
        },
        error: (text) => this.errors.push(text),
        end: (code, error) => {
          this.ended = error;
          link.close(code, '');
        },
      },
      crypto,
      performance,
    );
    link.start({
      frames: (frames) => {
        this.heartbeats += frames.filter((frame) => frame.length === 1).length;
        this.session.receive(frames);
        this.#tell();
      },
      text: () => this.session.receiveText(),
      drain() {},
      pong() {},
      close: (close) => {
        this.session.destroy();
        this.closed = close;
        this.#tell();
      },
    });
    run = (job) => jobs.run(job);
    for (const job of early) jobs.run(job);
  }

  static async dial(options: PeerOptions): Promise<Peer> {
    return new Peer(await options.dial({ signal: new AbortController().signal }), options);
  }

  /** Resolves when `reached` holds after something happened to this peer; fails where it never can any more. */
  async until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      if (this.closed !== undefined) {
        const { code, reason } = this.closed;
        throw new Error(
          `the link closed with ${code} "${reason}" (${this.ended?.message ?? 'by the server'})`,
        );
      }
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  async untilClosed(): Promise<LinkClose> {
    while (this.closed === undefined) await new Promise<void>((resolve) => this.#changed.push(resolve));
    return this.closed;
  }

  /** Sends a message; without a `sequence` the next one. */
  send(payload: unknown, sequence: bigint = this.#nextSequence): void {
    this.sendJson(encodeJson(payload), sequence);
  }

  sendJson(json: Uint8Array, sequence: bigint = this.#nextSequence): void {
    this.#nextSequence = sequence + 1n;
    this.session.sendMessage(sequence, json);
  }

  sendRequest(payload: unknown, requestId: bigint = this.#nextRequest++): bigint {
    this.session.sendRequest(requestId, encodeJson(payload));
    return requestId;
  }

  async request(payload: unknown): Promise<unknown> {
    const requestId = this.sendRequest(payload);
    const find = () => this.answers.find((answer) => answer.requestId === requestId);
    await this.until(() => find() !== undefined);
    return find()?.payload;
  }

  payloads(): unknown[] {
    return this.messages.map(({ payload }) => payload);
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = [];
    for (const resolve of changed) resolve();
  }
}
