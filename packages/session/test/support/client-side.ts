import { type Crypto, crypto, type PrivateKey } from '@sealwire/crypto';
import {
  ClientSession,
  type ClientSessionOptions,
  type ClientSessionPort,
  defaultDeadlines,
  type Job,
  type JobResult,
  ReplayMemory,
  type Terms,
} from '../../src/index.js';
import { text, utf8 } from './bytes.js';
import { ManualClock } from './clock.js';
import { clientKey, serverKey } from './keys.js';

export interface ClientSideOptions extends Partial<Omit<ClientSessionOptions, 'clientId'>> {
  readonly clock?: ManualClock;
  readonly crypto?: Crypto;
  readonly clientKey?: PrivateKey;
  readonly clientId?: string;
  /** What the driver says to the server's LAST SEEN SEQUENCE. */
  readonly verdict?: Error;
  /** Called in every call of the port. */
  readonly on?: (call: keyof ClientSessionPort, side: ClientSide) => void;
}

/** A client session with a driver that records every call and does RSA when it is told to. */
export class ClientSide {
  readonly clock: ManualClock;
  readonly session: ClientSession;
  /** Every call of the port but `run`, in order. */
  readonly calls: (readonly unknown[])[] = [];
  readonly jobs: Job[] = [];
  /** Of all jobs there ever were. */
  readonly kinds: Job['kind'][] = [];
  sent: Uint8Array[] = [];
  error: Error | undefined;
  terms: Terms | undefined;
  readonly #key: PrivateKey;

  constructor(options: ClientSideOptions = {}) {
    this.#key = options.clientKey ?? clientKey;
    this.clock = options.clock ?? new ManualClock();
    const on = (call: keyof ClientSessionPort): void => options.on?.(call, this);
    const record = (call: keyof ClientSessionPort, ...details: readonly unknown[]): void => {
      this.calls.push([call, ...details]);
      on(call);
    };
    this.session = new ClientSession(
      {
        clientId: utf8(options.clientId ?? 'test'),
        layout: options.layout ?? 'documented',
        lastSeenOrder: options.lastSeenOrder ?? -1n,
        modulusBytes: options.modulusBytes ?? this.#key.publicKey.modulusBytes,
        maxOrderGap: options.maxOrderGap ?? 1n << 40n,
        maxFrameBytes: options.maxFrameBytes ?? 65_536,
        refuseRepeatedFrames: options.refuseRepeatedFrames ?? false,
        hardening: options.hardening ?? 'prefer',
        context: options.context ?? new Uint8Array(0),
        serverSpki: options.serverSpki ?? serverKey.publicKey.spki,
        clientSpki: options.clientSpki ?? this.#key.publicKey.spki,
        replays: options.replays ?? new ReplayMemory(crypto),
        deadlines: options.deadlines ?? defaultDeadlines,
      },
      {
        run: (job) => {
          this.jobs.push(job);
          this.kinds.push(job.kind);
          on('run');
        },
        transmit: (frames) => {
          this.sent.push(...frames);
          record('transmit', ...frames.map((frame) => frame.length));
        },
        welcome: (lastSeenSequence, terms) => {
          this.terms = terms;
          record('welcome', lastSeenSequence);
          return options.verdict;
        },
        ready: () => record('ready'),
        live: () => record('live'),
        unsealed: () => record('unsealed'),
        message: (order, timestamp, json) => record('message', order, timestamp, text(json)),
        answer: (requestId, json) => record('answer', requestId, text(json)),
        error: (message) => record('error', message),
        end: (code, error) => {
          this.error = error;
          record('end', code);
        },
      },
      options.crypto ?? crypto,
      this.clock,
    );
  }

  /** Does all RSA that is asked for, until nothing more is, and then sends what it produced. */
  async work(): Promise<void> {
    for (let job = this.jobs.shift(); job !== undefined; job = this.jobs.shift()) {
      this.session.complete(await this.execute(job));
    }
    this.session.flush();
  }

  async execute(job: Job): Promise<JobResult> {
    switch (job.kind) {
      case 'encrypt':
        return serverKey.publicKey.encrypt(job.bytes);
      case 'decrypt':
        return this.#key.decrypt(job.bytes).catch(() => undefined);
      case 'sign':
        return this.#key.sign(job.bytes);
      case 'verify':
        throw new Error('a client verifies nothing');
    }
  }

  async receive(...frames: readonly Uint8Array[]): Promise<void> {
    this.session.receive(frames);
    await this.work();
  }

  pass(milliseconds: number): void {
    this.clock.advance(milliseconds);
    this.session.tick();
  }

  take(): Uint8Array[] {
    const { sent } = this;
    this.sent = [];
    return sent;
  }

  named(name: string): (readonly unknown[])[] {
    return this.calls.filter((call) => call[0] === name);
  }

  get ended(): number | undefined {
    return this.named('end')[0]?.[1] as number | undefined;
  }
}
