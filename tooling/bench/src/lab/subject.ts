import { type Client, type ConnectOptions, connect, type Message } from '@sealwire/client';
import { defaultDeadlines } from '@sealwire/session';
import type { Dialer } from '@sealwire/transport';
import type { Numbered } from './numbered.js';
import { forwarded, tappedDialer } from './tapped.js';
import { now, sleep } from './time.js';

export interface SubjectPlan {
  /** Milliseconds that the application takes for each message. Default 0. */
  readonly handlerMs?: number;
  /** Reads nothing more once it is live. */
  readonly stalls?: boolean;
  /** Sends a small message every so many milliseconds, and does not wait for what becomes of it. */
  readonly chatterMs?: number;
  /** After history is gone it reads on from the oldest message. */
  readonly readsOn?: boolean;
}

/** One client of the lab: checks what it gets, and notes when. */
export class Subject {
  received = 0;
  /** The ORDER of the last message. */
  last = 0n;
  /** ORDERs that were left out although nobody said so, or came twice. */
  holes = 0;
  /** Messages that are not those that were published under their ORDER. */
  wrong = 0;
  /** Times that the client was told that history is gone. */
  gone = 0;
  liveAt = 0;
  messageAt = 0;
  /** When a live session ended last. */
  lostAt = 0;
  /** How often a live session ended, by close code; 0 for those that this side ended. */
  readonly lost = new Map<number, number>();
  /** Of the messages since the last `begin`, in milliseconds. */
  latencies: number[] = [];
  readonly #plan: SubjectPlan;
  #client: Client | undefined;
  #live = false;
  #mayLeap = false;
  #beatAt: number | undefined;
  #longestGap = 0;

  constructor(plan: SubjectPlan) {
    this.#plan = plan;
  }

  get live(): boolean {
    return this.#live;
  }

  get stopped(): string | undefined {
    const state = this.#client?.state;
    return state?.kind === 'stopped' ? state.error.code : undefined;
  }

  /** How much later than due the latest heartbeat since `begin` came, one that is awaited still included. */
  get lateBeat(): number {
    const open = this.#beatAt === undefined || !this.#live ? 0 : now() - this.#beatAt;
    return Math.max(0, this.#longestGap, open) - defaultDeadlines.heartbeat;
  }

  async open(options: Omit<ConnectOptions, 'dial'> & { readonly dial: Dialer }): Promise<void> {
    this.#client = await connect({
      ...options,
      dial: this.#watched(options.dial),
      onMessage: (message) => this.#handle(message as Message<Numbered>),
      onState: (state) => {
        if (state.kind === 'live') {
          if (this.liveAt === 0 && this.#plan.chatterMs !== undefined) this.#chatter(this.#plan.chatterMs);
          this.#live = true;
          this.liveAt = now();
          return;
        }
        if (this.#live) {
          const code = state.kind === 'waiting' ? state.cause.closeCode : undefined;
          this.lost.set(code ?? 0, (this.lost.get(code ?? 0) ?? 0) + 1);
          this.lostAt = now();
        }
        this.#live = false;
        if (state.kind === 'stopped' && state.error.code === 'E_HISTORY_GONE' && this.#plan.readsOn) {
          this.gone += 1;
          this.#mayLeap = true;
          // Not from inside of the listener.
          setImmediate(() => void this.#client?.resumeFrom('oldest'));
        }
      },
    });
  }

  #chatter(everyMs: number): void {
    setInterval(() => void this.send(1, 10).catch(() => {}), everyMs).unref();
  }

  begin(): void {
    this.latencies = [];
    this.#longestGap = 0;
  }

  /** Sends so many messages; returns how many were accepted. */
  async send(count: number, bytes: number): Promise<number> {
    const client = this.#client;
    if (client === undefined) return 0;
    const text = 'x'.repeat(bytes);
    const outcomes: Promise<{ readonly kind: string }>[] = [];
    for (let n = 0; n < count; n++) outcomes.push(client.send({ n, text }).then(({ outcome }) => outcome));
    return (await Promise.all(outcomes)).filter(({ kind }) => kind === 'accepted').length;
  }

  async close(): Promise<void> {
    await this.#client?.close({ timeout: 100 });
  }

  #handle({ order, payload }: Message<Numbered>): void | Promise<void> {
    const time = now();
    if (order !== this.last + 1n && !(this.#mayLeap && order > this.last)) this.holes += 1;
    if (BigInt(payload.n) !== order) this.wrong += 1;
    this.#mayLeap = false;
    this.last = order;
    this.received += 1;
    this.messageAt = time;
    if (payload.at > 0) this.latencies.push(time - payload.at);
    if (this.#plan.handlerMs !== undefined) return sleep(this.#plan.handlerMs);
  }

  #watched(dial: Dialer): Dialer {
    return tappedDialer(dial, (events, link) => {
      this.#beatAt = undefined;
      return {
        ...forwarded(events),
        frames: (frames) => {
          if (frames.some(({ length }) => length === 1)) this.#beat();
          events.frames(frames);
          if (this.#plan.stalls && this.#live) link.pausing?.pause();
        },
        close: (close) => {
          this.#beatAt = undefined;
          events.close(close);
        },
      };
    });
  }

  #beat(): void {
    const time = now();
    if (this.#beatAt !== undefined) this.#longestGap = Math.max(this.#longestGap, time - this.#beatAt);
    this.#beatAt = time;
  }
}
