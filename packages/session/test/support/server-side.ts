import { type Crypto, crypto, type PublicKey } from '@sealwire/crypto';
import type { Layout } from '@sealwire/framing';
import {
  decodeJson,
  defaultDeadlines,
  type Identity,
  type Job,
  type JobResult,
  ReplayMemory,
  ServerSession,
  type ServerSessionOptions,
  type ServerSessionPort,
  SessionError,
  type SessionHardening,
} from '../../src/index.js';
import { text } from './bytes.js';
import { ManualClock } from './clock.js';
import { clientKey, serverKey } from './keys.js';

export interface ServerSideOptions extends Partial<ServerSessionOptions> {
  readonly clock?: ManualClock;
  readonly crypto?: Crypto;
  /** Who the directory knows; by default `test`, with the key client2048. */
  readonly clientKey?: PublicKey;
  readonly clientId?: string;
  readonly lastSequence?: bigint;
  readonly knownLayout?: Layout;
  readonly requireHardening?: boolean;
  /** What `claim` finds; by default what the welcome said. */
  readonly claimedSequence?: bigint;
  /** Calls to leave to the test. */
  readonly manual?: readonly ('identify' | 'claim')[];
  /** Called in every call of the port. */
  readonly on?: (call: keyof ServerSessionPort, side: ServerSide) => void;
}

/** A server session with a driver that records every call and does RSA when it is told to. */
export class ServerSide {
  readonly clock: ManualClock;
  readonly session: ServerSession;
  readonly identity: Identity;
  /** Every call of the port but `run`, in order. */
  readonly calls: (readonly unknown[])[] = [];
  readonly jobs: Job[] = [];
  sent: Uint8Array[] = [];
  error: Error | undefined;
  hardening: SessionHardening | undefined;
  readonly #options: ServerSideOptions;
  readonly #clientKey: PublicKey;

  constructor(options: ServerSideOptions = {}) {
    this.#options = options;
    this.#clientKey = options.clientKey ?? clientKey.publicKey;
    this.clock = options.clock ?? new ManualClock();
    this.identity = {
      modulusBytes: this.#clientKey.modulusBytes,
      lastSequence: options.lastSequence ?? -1n,
      layout: options.knownLayout,
      clientSpki: this.#clientKey.spki,
      serverSpki: serverKey.publicKey.spki,
      requireHardening: options.requireHardening ?? false,
    };
    const manual = options.manual ?? [];
    const on = (call: keyof ServerSessionPort): void => options.on?.(call, this);
    this.session = new ServerSession(
      {
        modulusBytes: options.modulusBytes ?? [256],
        layout: options.layout ?? 'documented',
        maxClientIdLength: options.maxClientIdLength ?? 64,
        maxPipelinedBytes: options.maxPipelinedBytes ?? 65_536,
        pings: options.pings ?? false,
        hardening: options.hardening ?? 'prefer',
        context: options.context ?? new Uint8Array(0),
        checkpoint: options.checkpoint ?? false,
        replays: options.replays ?? new ReplayMemory(crypto),
        requireHighRequestIds: options.requireHighRequestIds ?? false,
        deadlines: options.deadlines ?? defaultDeadlines,
      },
      {
        run: (job) => {
          this.jobs.push(job);
          on('run');
        },
        transmit: (frames) => {
          this.sent.push(...frames);
          this.calls.push(['transmit', ...frames.map((frame) => frame.length)]);
          on('transmit');
        },
        ping: () => {
          this.calls.push(['ping']);
          on('ping');
        },
        identify: (clientId, lastSeenOrder) => {
          this.calls.push(['identify', clientId, lastSeenOrder]);
          on('identify');
          if (!manual.includes('identify')) this.identify(clientId);
        },
        claim: () => {
          this.calls.push(['claim']);
          on('claim');
          if (!manual.includes('claim')) this.claim();
        },
        live: (hardening) => {
          this.hardening = hardening;
          this.calls.push(['live']);
          on('live');
        },
        layoutKnown: (layout) => {
          this.calls.push(['layoutKnown', layout]);
          on('layoutKnown');
        },
        message: (sequence, json) => {
          this.calls.push(['message', sequence, text(json)]);
          on('message');
          this.#refuseBadJson(json);
        },
        request: (requestId, json) => {
          this.calls.push(['request', requestId, text(json)]);
          on('request');
          this.#refuseBadJson(json);
        },
        end: (code, reason, error) => {
          this.calls.push(['end', code, reason]);
          this.error = error;
          on('end');
        },
      },
      options.crypto ?? crypto,
      this.clock,
    );
  }

  identify(clientId: string): void {
    this.session.identified(clientId === (this.#options.clientId ?? 'test') ? this.identity : undefined);
  }

  claim(): void {
    this.session.claimed(this.#options.claimedSequence ?? this.identity.lastSequence);
  }

  /** Does all RSA that is asked for, until nothing more is. */
  async work(): Promise<void> {
    for (let job = this.jobs.shift(); job !== undefined; job = this.jobs.shift()) {
      this.session.complete(await this.execute(job));
    }
  }

  async execute(job: Job): Promise<JobResult> {
    switch (job.kind) {
      case 'decrypt':
        return serverKey.decrypt(job.bytes).catch(() => undefined);
      case 'encrypt':
        return this.#clientKey.encrypt(job.bytes);
      case 'verify':
        return this.#clientKey.verify(job.bytes, job.signature);
      case 'sign':
        throw new Error('a server signs nothing');
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

  /** Code and reason of the close, once it happened. */
  get ended(): readonly unknown[] | undefined {
    return this.named('end')[0]?.slice(1);
  }

  /** The same, of a frame that cannot be accepted: exactly as late as it has to be. */
  get endedLate(): readonly unknown[] | undefined {
    if (this.ended !== undefined) throw new Error('it ended at once');
    const { refusal } = this.#options.deadlines ?? defaultDeadlines;
    this.pass(refusal - 1);
    if (this.ended !== undefined) throw new Error('it ended too soon');
    this.pass(1);
    return this.ended;
  }

  #refuseBadJson(json: Uint8Array): void {
    try {
      decodeJson(json);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.session.fail(1007, error.message, error);
    }
  }
}
