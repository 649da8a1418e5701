import {
  encodeClientFrame,
  encodeHello,
  encodeSignedData,
  type Layout,
  MessageType,
} from '@sealwire/framing';
import {
  assertSafeChallenge,
  type JobResult,
  ReplayMemory,
  ServerSession,
  type ServerSessionPort,
} from '@sealwire/session';
import type { Probe } from '../engine/probe.js';
import { rule, sameBytes } from '../engine/violation.js';
import { type Script, textOf } from '../support/script.js';
import { sealed, stubCrypto } from '../support/stub-crypto.js';
import { block, deadlines, key, maxSteps, modulusBytes, Watch } from './watch.js';

const endCodes = [1001, 1002, 1003, 1008, 1011, 1012, 1013, 4001];
const ownCodes = [1007, 1011, 1012, 4002, 4200];
/** Bits of the first byte: what the driver does from within a call of the session. */
const inward = {
  destroyAtLive: 1,
  destroyAtTransmit: 2,
  destroyAtMessage: 4,
  answerAtOnce: 8,
  sendAtLayout: 16,
};

/** Drives a server's session by a script and holds what it emits against the protocol. */
export class WatchedServer extends Watch implements ServerSessionPort {
  protected readonly session: ServerSession;
  readonly #manner: number;
  readonly #inFlight = new Set<bigint>();
  readonly #signatures = new Set<string>();
  #welcomed = 0n;
  /** Which SEQUENCE has to be delivered next; undefined until the session lives. */
  #next: bigint | undefined;
  #nextToSend: bigint | undefined;
  #layoutKnown = false;
  #failCode = 0;
  #sent = 0n;
  /** What the job that is being completed was about, and whether its result was `true`. */
  #completing: { readonly data: Uint8Array; readonly signature: Uint8Array } | undefined;

  constructor(script: Script, probe: Probe) {
    super(script, probe);
    this.#manner = script.byte();
    const layout = script.pick<Layout | 'auto'>(['documented', 'deployed', 'auto']);
    this.session = new ServerSession(
      {
        modulusBytes: [modulusBytes, 384],
        layout,
        maxClientIdLength: 64,
        maxPipelinedBytes: 2_048,
        pings: script.flag(),
        hardening: 'off',
        context: new Uint8Array(0),
        checkpoint: false,
        requireHighRequestIds: false,
        replays: new ReplayMemory(stubCrypto),
        deadlines,
      },
      this,
      stubCrypto,
      this.clock,
    );
  }

  play(): void {
    for (let steps = 0; steps < maxSteps && !this.script.done; steps++) this.#step();
    this.calm(0, () => this.session.destroy());
    this.over = true;
    this.calm(32, () => this.session.receive([this.#clientFrame(MessageType.MESSAGE, 0n)]));
    rule(this.session.state === 'ended', 'a destroyed session has ended');
  }

  #step(): void {
    const { script } = this;
    const session = this.session;
    switch (script.below(16)) {
      case 0:
        return this.receive([this.#expectedFrame()]);
      case 1:
        return this.receive([this.#scriptedFrame()]);
      case 2:
        return this.receive([script.bytes()]);
      case 3:
        return this.#complete(this.#expectedResult());
      case 4:
        return this.#complete(this.oddResult());
      case 5:
        return this.#identified();
      case 6:
        return this.#claimed();
      case 7:
        return this.tick();
      case 8:
        return this.calm(0, () => session.receiveText());
      case 9:
        return this.calm(0, () => session.receivePong());
      case 10: {
        const [order, timestamp] = [
          script.pick([this.#sent + 1n, script.hyper(), 2n ** 63n]),
          script.pick([1.5, Number.NaN]),
        ];
        return void this.misused(64, () => session.sendMessage(order, timestamp, script.bytes()));
      }
      case 11: {
        const [first = 0n] = this.#inFlight;
        const id = script.pick([first, script.hyper()]);
        if (this.misused(64, () => session.sendAnswer(id, script.bytes())) === undefined)
          this.#inFlight.delete(id);
        return;
      }
      case 12:
        return this.calm(0, () => session.flush());
      case 13: {
        this.#failCode = script.pick(ownCodes);
        return this.calm(256, () => session.fail(this.#failCode, textOf(script.bytes()), new Error('own')));
      }
      case 14:
        // Seldom: it ends the play.
        if (script.below(8) === 0) this.destroy();
        return;
      case 15:
        return this.receive([
          this.#expectedFrame(),
          this.#expectedFrame(),
          this.#scriptedFrame(),
          this.#expectedFrame(),
        ]);
    }
  }

  #complete(result: JobResult): void {
    const job = this.jobs.shift();
    if (job?.kind === 'verify' && result === true)
      this.#completing = { data: job.bytes, signature: job.signature };
    this.complete(job, result);
    this.#completing = undefined;
  }

  #identified(): void {
    const lastSequence = this.script.pick([-1n, 0n, 41n, 2n ** 62n - 1n]);
    this.#welcomed = lastSequence;
    const layout = this.script.pick<Layout | undefined>([undefined, 'documented', 'deployed']);
    const keys = { clientSpki: new Uint8Array(0), serverSpki: new Uint8Array(0), requireHardening: false };
    const identity = this.script.below(4) === 0 ? undefined : { modulusBytes, lastSequence, layout, ...keys };
    this.calm(64, () => this.session.identified(identity));
  }

  #claimed(): void {
    const sequence = this.script.pick([this.#welcomed, this.#welcomed, this.#welcomed + 1n]);
    const before = this.session.state;
    this.#next ??= before === 'claim' ? sequence + 1n : undefined;
    const refused = this.misused(0, () => this.session.claimed(sequence));
    if (refused !== undefined) this.#next = undefined;
  }

  /** What an honest client sends next. */
  #expectedFrame(): Uint8Array {
    if (this.session.state === 'hello' || this.session.state === 'proof') return block;
    const number = this.#nextToSend ?? this.#welcomed + 1n;
    this.#nextToSend = number + 1n;
    return this.#clientFrame(MessageType.MESSAGE, BigInt.asIntN(64, number));
  }

  #scriptedFrame(): Uint8Array {
    const { script } = this;
    const type = script.flag() ? MessageType.RPC : MessageType.MESSAGE;
    const number = script.pick([
      this.#next ?? 0n,
      2n ** 62n,
      2n ** 62n + BigInt(script.byte()),
      script.hyper(),
    ]);
    return this.#clientFrame(type, number, script.bytes());
  }

  #clientFrame(type: 1 | 2, number: bigint, json: Uint8Array = Uint8Array.of(0x31)): Uint8Array {
    const layout = this.script.below(8) === 7 ? 'deployed' : (this.session.layout ?? 'documented');
    const signature = new Uint8Array(modulusBytes).fill(this.script.byte());
    return sealed(encodeClientFrame(layout, type, encodeSignedData(layout, type, number, json), signature));
  }

  #expectedResult(): JobResult {
    switch (this.jobs[0]?.kind) {
      case 'decrypt': {
        const clientId = this.script.flag() ? this.script.bytes() : Uint8Array.of(0x61);
        const lastSeenOrder = this.script.pick([-1n, 0n, 7n, this.script.hyper()]);
        return encodeHello({ clientId, lastSeenOrder, clientAesKey: key });
      }
      case 'verify':
        return true;
      default:
        return block;
    }
  }

  transmit(frames: readonly Uint8Array[]): void {
    this.emitted('a frame');
    rule(frames.length > 0, 'no empty batch is sent');
    if (this.#manner & inward.destroyAtTransmit) this.destroy();
  }

  ping(): void {
    this.emitted('a ping');
    rule(this.session.layout === 'documented', 'only a client of the documented layout is pinged');
  }

  identify(clientId: string): void {
    this.emitted('a question who it is');
    rule(/^[\x21-\x7e]{1,64}$/.test(clientId), 'a client id is 1 to 64 printable characters');
  }

  override run(job: Parameters<ServerSessionPort['run']>[0]): void {
    super.run(job);
    if (this.#next === undefined && job.kind === 'verify') assertSafeChallenge(job.bytes);
  }

  claim(): void {
    this.emitted('a claim');
    rule(this.#completing !== undefined, 'a claim follows a proof that holds');
  }

  live(): void {
    this.emitted('live');
    if (this.#manner & inward.destroyAtLive) this.destroy();
  }

  layoutKnown(layout: Layout): void {
    this.emitted('a layout');
    rule(!this.#layoutKnown && this.session.layout === layout, 'a layout is told once');
    this.#layoutKnown = true;
    if (this.#manner & inward.sendAtLayout) {
      this.#sent += 1n;
      this.session.sendMessage(this.#sent, 1.5, Uint8Array.of(0x30));
      this.session.flush();
    }
  }

  message(sequence: bigint, json: Uint8Array): void {
    this.emitted('a message');
    rule(sequence === this.#next, 'messages come by SEQUENCE without a hole');
    this.#next = sequence + 1n;
    this.#checkSigned(sequence, json);
    if (this.#manner & inward.destroyAtMessage) this.destroy();
  }

  request(requestId: bigint, json: Uint8Array): void {
    this.emitted('a request');
    this.#checkSigned(requestId, json);
    rule(!this.#inFlight.has(requestId), 'a REQUEST_ID is in flight once');
    const print = this.#completing?.signature.join() ?? '';
    rule(!this.#signatures.has(print), 'no request comes twice');
    this.#signatures.add(print);
    this.#inFlight.add(requestId);
    if (this.#manner & inward.answerAtOnce) {
      this.#inFlight.delete(requestId);
      this.session.sendAnswer(requestId, json);
    }
  }

  end(code: number, reason: string, error: Error): void {
    const own = code === this.#failCode && error.message === 'own';
    this.ended(code, own ? ownCodes : endCodes, error);
    rule(own || error.name === 'SessionError', 'an end is told as a SessionError');
    rule(reason.length <= 123, 'a reason fits a close frame');
  }

  /** What is delivered is what was under the signature that held just now. */
  #checkSigned(number: bigint, json: Uint8Array): void {
    const { data } = this.#completing ?? {};
    rule(data !== undefined, 'nothing is delivered before its signature held');
    const type = this.session.layout === 'deployed' ? 4 : 0;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    rule(view.getBigInt64(type) === number, 'the number is the signed one');
    rule(sameBytes(data.subarray(type + 12, type + 12 + json.length), json), 'the JSON is the signed one');
    rule(view.getUint32(type + 8) === json.length, 'the JSON is all that was signed');
  }
}
