import { crypto, type Sealer } from '@sealwire/crypto';
import { encodeServerRpc } from '@sealwire/framing';
import {
  checkpointType,
  decodeJson,
  defaultDeadlines,
  encodeJson,
  type HardeningMode,
  type Job,
  type JobResult,
  OrderedJobs,
  ReplayMemory,
  ServerSession,
  SessionError,
  typeOf,
} from '@sealwire/session';
import { type Link, type MemoryTransport, type Scheduler, systemScheduler } from '@sealwire/transport';
import type { Keys } from './keys.js';

export interface ServerScript {
  readonly scheduler?: Scheduler;
  /** Answer `sealwire.Checkpoint`. */
  readonly checkpoint?: boolean;
  /** Default 'off': a server of the document. */
  hardening?: HardeningMode;
  readonly context?: string;
  /** What a MESSAGE leads to; default: it is accepted. */
  onMessage?: (message: Received, session: ServedSession) => Decision;
  /** The answer to a request, or nothing for none. */
  onRequest?: (payload: unknown, session: ServedSession) => unknown;
  onSession?: (session: ServedSession) => void;
  /** Takes the place of the whole session, e.g. to close during the handshake. */
  onLink?: (link: Link) => boolean;
}

export interface Received {
  readonly sequence: bigint;
  readonly payload: unknown;
}

/** `hold`: the message is not counted and the session goes on. `lost`: the session ends without the message being counted; `counted`: it ends with the message counted. */
export type Decision =
  | 'accept'
  | 'hold'
  | 'lost'
  | 'counted'
  | { readonly refuse: string; readonly code?: number };

/** A server of one client id, in memory, with a memory of its own and a hook at every turn. */
export class ScriptedServer {
  readonly keys: Keys;
  readonly script: ServerScript;
  lastSequence = -1n;
  /** All that was accepted, in order. */
  readonly accepted: unknown[] = [];
  readonly refusals = new Map<bigint, string>();
  /** What is kept for the client; ORDER is the position plus `firstOrder`. */
  readonly log: unknown[] = [];
  firstOrder = 1n;
  readonly sessions: ServedSession[] = [];
  readonly requests: unknown[] = [];
  links = 0;

  constructor(keys: Keys, script: ServerScript = {}) {
    this.keys = keys;
    this.script = script;
  }

  async listen(transport: MemoryTransport): Promise<void> {
    await transport.listen((link) => this.accept(link));
  }

  accept(link: Link): void {
    this.links += 1;
    if (this.script.onLink?.(link) === true) return;
    this.sessions.push(new ServedSession(this, link));
  }

  get session(): ServedSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('no session was opened');
    return session;
  }

  publish(...payloads: unknown[]): void {
    this.log.push(...payloads);
    this.session.deliver();
  }

  /** How often it was asked for one. */
  checkpoints = 0;

  checkpoint(confirmed: bigint): unknown {
    this.checkpoints += 1;
    const refused = [...this.refusals]
      .filter(([sequence]) => sequence > confirmed)
      .map(([sequence, reason]) => ({ sequence: String(sequence), reason }));
    return { '@type': checkpointType, last_seen_sequence: String(this.lastSequence), refused };
  }
}

export class ServedSession {
  readonly link: Link;
  readonly hellos: bigint[] = [];
  readonly #server: ScriptedServer;
  readonly #session: ServerSession;
  readonly #jobs: OrderedJobs;
  #cursor = 0n;
  #muted = false;
  #layoutKnown = false;
  #sealer: Sealer | undefined;
  #cancelTimer: () => void = () => {};
  closedWith: number | undefined;

  constructor(server: ScriptedServer, link: Link) {
    this.#server = server;
    this.link = link;
    const scheduler = server.script.scheduler ?? systemScheduler;
    this.#jobs = new OrderedJobs({
      execute: (job) => execute(job, server.keys),
      complete: (result) => this.#session.complete(result),
      completed: () => this.#arm(scheduler),
    });
    this.#session = new ServerSession(
      {
        modulusBytes: [256],
        layout: 'documented',
        pings: false,
        maxClientIdLength: 64,
        maxPipelinedBytes: 1_048_576,
        hardening: server.script.hardening ?? 'off',
        context: new TextEncoder().encode(server.script.context ?? ''),
        checkpoint: server.script.checkpoint ?? false,
        replays: new ReplayMemory(crypto),
        requireHighRequestIds: false,
        deadlines: defaultDeadlines,
      },
      {
        run: (job) => this.#jobs.run(job),
        transmit: (frames) => link.send(this.#muted ? frames.filter(({ length }) => length === 1) : frames),
        ping: () => {},
        identify: (_clientId, lastSeenOrder) => {
          this.hellos.push(lastSeenOrder);
          this.#cursor = lastSeenOrder;
          this.#session.identified({
            modulusBytes: 256,
            serverSpki: server.keys.server.publicKey.spki,
            clientSpki: server.keys.client.publicKey.spki,
            requireHardening: false,
            lastSequence: server.lastSequence,
            layout: undefined,
          });
        },
        claim: () => this.#session.claimed(server.lastSequence),
        live: () => server.script.onSession?.(this),
        layoutKnown: () => {
          this.#layoutKnown = true;
          this.deliver();
        },
        message: (sequence, json) => this.#message({ sequence, payload: decodeJson(json) }),
        request: (requestId, json) => this.#request(requestId, decodeJson(json)),
        end: (code, reason) => {
          this.closedWith = code;
          link.close(code, reason);
        },
      },
      {
        ...crypto,
        createSealer: (key, options) => {
          this.#sealer = crypto.createSealer(key, options);
          return this.#sealer;
        },
      },
      scheduler,
    );
    link.start({
      frames: (frames) => this.#session.receive(frames),
      text: () => this.#session.receiveText(),
      drain: () => {},
      pong: () => {},
      close: ({ code }) => {
        this.closedWith ??= code;
        this.#cancelTimer();
        this.#session.destroy();
      },
    });
    this.#arm(scheduler);
  }

  get live(): boolean {
    return this.#session.state === 'live';
  }

  /** Sends what is kept after the cursor. */
  deliver(): void {
    if (!this.live || !this.#layoutKnown) return;
    const { firstOrder, log } = this.#server;
    for (const [position, payload] of log.entries()) {
      const order = firstOrder + BigInt(position);
      if (order > this.#cursor) this.#session.sendMessage(order, 1_700_000_000.5, encodeJson(payload));
    }
    this.#cursor = firstOrder + BigInt(log.length) - 1n;
    this.#session.flush();
  }

  /** A MESSAGE with any ORDER and bytes. */
  deliverRaw(order: bigint, json: Uint8Array): void {
    this.#session.sendMessage(order, 0, json);
    this.#session.flush();
  }

  /** Bytes are taken for JSON as they are. */
  answer(requestId: bigint, payload: unknown): void {
    this.#session.sendAnswer(requestId, payload instanceof Uint8Array ? payload : encodeJson(payload));
    this.#session.flush();
  }

  /** An answer that no honest session would send. */
  forgeAnswer(requestId: bigint, payload: unknown): void {
    const frame = encodeServerRpc('documented', requestId, encodeJson(payload));
    if (this.#sealer !== undefined) this.link.send([this.#sealer.seal(frame)]);
  }

  /** Heartbeats alone from now on, as if somebody on the way let nothing else pass. */
  mute(): void {
    this.#muted = true;
  }

  /** ERROR and close. */
  fail(code: number, text: string): void {
    this.#session.fail(code, text, new SessionError('E_STATE', text));
  }

  readonly #requestIds: bigint[] = [];
  /** REQUEST_IDs in the order in which they came. */
  get requestIds(): readonly bigint[] {
    return this.#requestIds;
  }

  #message(message: Received): void {
    const { script } = this.#server;
    const decision = script.onMessage?.(message, this) ?? 'accept';
    if (decision === 'hold') return;
    if (decision === 'lost') return this.#cut();
    this.#server.lastSequence = message.sequence;
    if (typeof decision === 'object') {
      this.#server.refusals.set(message.sequence, decision.refuse);
      return this.fail(decision.code ?? 1007, decision.refuse);
    }
    this.#server.accepted.push(message.payload);
    if (decision === 'counted') this.#cut();
  }

  #request(requestId: bigint, payload: unknown): void {
    const { script } = this.#server;
    if (script.checkpoint === true && typeOf(payload) === checkpointType) {
      const { confirmed } = payload as { confirmed: string };
      return this.answer(requestId, this.#server.checkpoint(BigInt(confirmed)));
    }
    this.#server.requests.push(payload);
    this.#requestIds.push(requestId);
    const answer = script.onRequest?.(payload, this);
    if (answer !== undefined) this.answer(requestId, answer);
  }

  #cut(): void {
    this.#session.destroy();
    this.link.terminate();
  }

  #arm(scheduler: Scheduler): void {
    this.#cancelTimer();
    const { nextTick } = this.#session;
    if (nextTick === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = scheduler.after(nextTick - scheduler.now(), () => {
      this.#session.tick();
      this.#arm(scheduler);
    });
  }
}

async function execute(job: Job, { server, client }: Keys): Promise<JobResult> {
  switch (job.kind) {
    case 'encrypt':
      return client.publicKey.encrypt(job.bytes);
    case 'decrypt':
      return server.privateKey.decrypt(job.bytes);
    case 'sign':
      return server.privateKey.sign(job.bytes);
    case 'verify':
      return client.publicKey.verify(job.bytes, job.signature);
  }
}
