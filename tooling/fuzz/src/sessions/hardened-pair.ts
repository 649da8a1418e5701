import { type Crypto, crypto } from '@sealwire/crypto';
import {
  ClientSession,
  defaultDeadlines,
  firstRequestId,
  type Job,
  type JobResult,
  ReplayMemory,
  ServerSession,
} from '@sealwire/session';
import { rule } from '../engine/violation.js';
import { type Script, textOf, utf8 } from '../support/script.js';
import { standInRsa } from '../support/stand-in-rsa.js';

const maxSteps = 60;
const spki = { server: Uint8Array.of(1), client: Uint8Array.of(2) };
const identity = {
  modulusBytes: 256,
  lastSequence: -1n,
  layout: undefined,
  clientSpki: spki.client,
  serverSpki: spki.server,
  requireHardening: true,
};
const none = (): void => {};

/** Frames of one direction, which lie on the link until the script lets them go on. */
interface Way {
  readonly frames: Uint8Array[];
  readonly recorded: Uint8Array[];
  deliver(frames: readonly Uint8Array[]): void;
}

/**
 * A client and a server in a hardened session with an attacker on the link, who does what the script says. RSA is stood in
 * for, so that he could read the handshake; he changes it blindly. What is believed is what was sent, in order, from the first on.
 */
export class HardenedPair {
  readonly #script: Script;
  #now = 1_000;
  #random = 0;
  readonly #work: (() => void)[] = [];
  readonly #client: ClientSession;
  readonly #server: ServerSession;
  readonly #toServer: Way;
  readonly #toClient: Way;
  readonly #sent = { messages: [] as string[], requests: [] as string[], events: [] as string[] };
  readonly #got = { messages: [] as string[], requests: [] as string[], events: [] as string[] };
  #touched = false;
  #served = false;

  constructor(script: Script) {
    this.#script = script;
    const checkpoint = script.flag();
    const clock = { now: () => this.#now };
    const seeded: Crypto = { ...crypto, randomBytes: (length) => this.#bytes(length) };
    const replays = () => new ReplayMemory(seeded);
    const shared = { hardening: 'require', context: new Uint8Array(0), deadlines: defaultDeadlines } as const;
    this.#toServer = way((frames) => this.#server.receive(frames));
    this.#toClient = way((frames) => this.#client.receive(frames));
    this.#server = new ServerSession(
      {
        ...shared,
        modulusBytes: [256],
        layout: 'documented',
        maxClientIdLength: 64,
        maxPipelinedBytes: 65_536,
        pings: false,
        checkpoint,
        requireHighRequestIds: false,
        replays: replays(),
      },
      {
        run: (job) => this.#later(job, (result) => this.#server.complete(result)),
        transmit: (frames) => send(this.#toClient, frames),
        identify: () => void this.#work.push(() => this.#server.identified(identity)),
        claim: () => void this.#work.push(() => this.#server.claimed(-1n)),
        live: (hardening) => {
          rule(hardening === 'hardened', 'a session that requires it is hardened');
          this.#served = true;
        },
        message: (sequence, json) => {
          rule(sequence === BigInt(this.#got.messages.length), 'SEQUENCE has no holes');
          this.#got.messages.push(textOf(json));
        },
        request: (id, json) => {
          this.#got.requests.push(textOf(json));
          this.#server.sendAnswer(id, json);
          this.#server.flush();
        },
        ping: none,
        layoutKnown: none,
        end: none,
      },
      seeded,
      clock,
    );
    this.#client = new ClientSession(
      {
        ...shared,
        clientId: utf8('alice'),
        layout: 'documented',
        lastSeenOrder: -1n,
        modulusBytes: 256,
        maxOrderGap: 1n << 40n,
        maxFrameBytes: 65_536,
        refuseRepeatedFrames: false,
        serverSpki: spki.server,
        clientSpki: spki.client,
        replays: replays(),
      },
      {
        run: (job) => this.#later(job, (result) => this.#client.complete(result)),
        transmit: (frames) => send(this.#toServer, frames),
        welcome: (lastSeenSequence, { hardening }) => {
          rule(hardening === 'hardened', 'a client that requires it is hardened');
          rule(lastSeenSequence === -1n, 'LAST SEEN SEQUENCE is what the server said');
          return undefined;
        },
        // Without Checkpoint there is nothing that a client could ask for, and a heartbeat has to do.
        live: () => rule(this.#served || !checkpoint, 'a client lives only where its server does'),
        message: (_order, _timestamp, json) => void this.#got.events.push(textOf(json)),
        answer: (id, json) => {
          const asked = this.#got.requests[Number(id - firstRequestId)];
          rule(asked === textOf(json), 'an answer is that to its request');
        },
        ready: none,
        unsealed: none,
        error: none,
        end: none,
      },
      seeded,
      clock,
    );
  }

  play(): void {
    for (let steps = 0; steps < maxSteps && !this.#script.done; steps += 1) {
      this.#step();
      this.#settle();
      this.#check();
    }
    if (this.#touched) return;
    while (this.#toServer.frames.length + this.#toClient.frames.length > 0) {
      for (const each of [this.#toServer, this.#toClient]) each.deliver(each.frames.splice(0));
      this.#settle();
    }
    this.#check();
    for (const kind of ['messages', 'requests', 'events'] as const) {
      rule(this.#got[kind].length === this.#sent[kind].length, 'what nobody touches arrives');
    }
  }

  #step(): void {
    const { messages, requests, events } = this.#sent;
    const choice = this.#script.below(12);
    if (choice === 0) return this.#pass(this.#toServer);
    if (choice === 1) return this.#pass(this.#toClient);
    if (choice === 2 && this.#mayAsk) {
      this.#client.sendMessage(BigInt(messages.length), this.#text(messages));
    } else if (choice === 3 && this.#mayAsk) {
      this.#client.sendRequest(firstRequestId + BigInt(requests.length), this.#text(requests));
    } else if (choice === 4 && this.#server.state === 'live') {
      this.#server.sendMessage(BigInt(events.length + 1), 1.5, this.#text(events));
      this.#server.flush();
    } else if (choice > 4) {
      this.#touched = true;
      if (choice === 5) return this.#passTime();
      this.#attack(choice, this.#script.pick([this.#toServer, this.#toClient]));
    }
  }

  #attack(choice: number, { frames, recorded, deliver }: Way): void {
    const script = this.#script;
    const [first, second] = frames;
    if (choice === 6) frames.shift();
    else if (choice === 7 && first !== undefined) frames.unshift(first);
    else if (choice === 8 && first !== undefined && second !== undefined) frames.splice(0, 2, second, first);
    else if (choice === 9 && first !== undefined) {
      const altered = Uint8Array.from(first);
      const at = (script.byte() * 256 + script.byte()) % altered.length;
      altered[at] = (altered[at] ?? 0) ^ (script.byte() || 1);
      frames[0] = altered;
    } else if (choice === 10) deliver([script.flag() ? Uint8Array.of(0) : script.bytes()]);
    else if (choice === 11 && recorded.length > 0) deliver([script.pick(recorded)]);
  }

  #pass({ frames, deliver }: Way): void {
    const some = frames.splice(0, 1 + this.#script.below(4));
    if (some.length > 0) deliver(some);
  }

  #passTime(): void {
    this.#now += this.#script.pick([1, 100, 2_000, 5_000, 15_000]);
    for (const session of [this.#server, this.#client]) if (session.nextTick <= this.#now) session.tick();
  }

  #check(): void {
    for (const kind of ['messages', 'requests', 'events'] as const) {
      const ordered = this.#got[kind].every((text, index) => text === this.#sent[kind][index]);
      rule(ordered, 'what is believed is what was sent, in order, without a hole');
    }
  }

  get #mayAsk(): boolean {
    return this.#client.state === 'ready' || this.#client.state === 'live';
  }

  #text(sent: string[]): Uint8Array {
    sent.push(`"${sent.length}:${this.#script.byte()}"`);
    return utf8(sent.at(-1) ?? '');
  }

  #later(job: Job, complete: (result: JobResult) => void): void {
    this.#work.push(() => complete(standInRsa(job)));
  }

  #settle(): void {
    for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) next();
    if (this.#mayAsk) this.#client.flush();
    for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) next();
  }

  /** All different, and the same for each run of an input. */
  #bytes(length: number): Uint8Array {
    this.#random += 1;
    return Uint8Array.from({ length }, (_, index) => (this.#random * 101 + index * 37) & 0xff);
  }
}

function way(deliver: (frames: readonly Uint8Array[]) => void): Way {
  return { frames: [], recorded: [], deliver };
}

function send({ frames, recorded }: Way, sent: readonly Uint8Array[]): void {
  frames.push(...sent);
  recorded.push(...sent);
}
