import {
  decodeClientFrame,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  encodeWelcome,
  heartbeat,
  type Layout,
} from '@sealwire/framing';
import {
  assertSafeChallenge,
  ClientSession,
  type ClientSessionPort,
  type Job,
  type JobResult,
  maxErrorTextBytes,
  ReplayMemory,
} from '@sealwire/session';
import type { Probe } from '../engine/probe.js';
import { rule, sameBytes } from '../engine/violation.js';
import { type Script, textOf, utf8 } from '../support/script.js';
import { opened, sealed, stubCrypto } from '../support/stub-crypto.js';
import { block, deadlines, key, maxSteps, modulusBytes, Watch } from './watch.js';

const endCodes = [1000, 1001, 1002, 1003];
const maxOrderGap = 1_000n;
const maxFrameBytes = 1_024;
/** Bits of the first byte: what the driver does from within a call of the session. */
const inward = {
  destroyAtReady: 1,
  destroyAtTransmit: 2,
  destroyAtMessage: 4,
  refuseWelcome: 8,
  sendAtReady: 16,
};
const challenge = Uint8Array.from({ length: 32 }, (_, index) => 0x90 ^ index);

/** Drives a client's session by a script and holds what it emits against the protocol. */
export class WatchedClient extends Watch implements ClientSessionPort {
  protected readonly session: ClientSession;
  readonly #layout: Layout;
  readonly #manner: number;
  #seenOrder: bigint;
  #readied = false;
  #lived = false;
  /** Data of messages and requests in the order of the calls; those signed leave in it. */
  readonly #asked: Uint8Array[] = [];
  /** Payloads of the frames that are being received, and whether they are all that is. */
  #payloads: Uint8Array[] = [];
  #onlyKnown = true;

  constructor(script: Script, probe: Probe) {
    super(script, probe);
    this.#manner = script.byte();
    this.#layout = script.pick<Layout>(['documented', 'deployed']);
    this.#seenOrder = script.pick([-1n, 0n, 5n, 2n ** 63n - 2n]);
    this.session = new ClientSession(
      {
        clientId: utf8('alice'),
        layout: this.#layout,
        lastSeenOrder: this.#seenOrder,
        modulusBytes,
        maxOrderGap,
        maxFrameBytes,
        refuseRepeatedFrames: false,
        hardening: 'off',
        context: new Uint8Array(0),
        serverSpki: new Uint8Array(0),
        clientSpki: new Uint8Array(0),
        replays: new ReplayMemory(stubCrypto),
        deadlines,
      },
      this,
      stubCrypto,
      this.clock,
    );
  }

  unsealed(): void {
    rule(false, 'nobody is asked for a sign of life outside of a hardened session');
  }

  play(): void {
    for (let steps = 0; steps < maxSteps && !this.script.done; steps++) this.#step();
    this.calm(0, () => this.session.destroy());
    this.over = true;
    this.calm(1, () => this.session.receive([heartbeat()]));
    rule(this.session.state === 'ended', 'a destroyed session has ended');
  }

  #step(): void {
    const { script } = this;
    const session = this.session;
    switch (script.below(14)) {
      case 0:
        return this.#receive([this.#expectedFrame()]);
      case 1:
        return this.#receive([this.#scriptedFrame()]);
      case 2:
        this.#onlyKnown = false;
        return this.#receive([script.flag() ? sealed(script.bytes()) : script.bytes()]);
      case 3:
        return this.#complete(this.#expectedResult());
      case 4:
        return this.#complete(this.oddResult());
      case 5:
        return this.calm(0, () => session.receiveText());
      case 6:
        return this.#receive([heartbeat()]);
      case 7:
        return this.tick();
      case 8: {
        const sequence = script.pick([0n, 1n, 2n ** 62n - 1n, 2n ** 62n, script.hyper()]);
        return void this.misused(256, () => session.sendMessage(sequence, this.#json()));
      }
      case 9: {
        const id = script.pick([2n ** 62n, 2n ** 63n - 1n, 2n ** 62n - 1n, script.hyper()]);
        return void this.misused(256, () => session.sendRequest(id, this.#json()));
      }
      case 10:
        return this.calm(0, () => session.flush());
      case 11:
        return this.calm(0, () => session.resumeReading());
      case 12:
        // Seldom: it ends the play.
        if (script.below(8) === 0) this.destroy();
        return;
      case 13:
        return this.#receive([
          this.#expectedFrame(),
          heartbeat(),
          this.#scriptedFrame(),
          this.#expectedFrame(),
        ]);
    }
  }

  #json(): Uint8Array {
    return this.script.below(16) === 0 ? new Uint8Array(maxFrameBytes) : this.script.bytes();
  }

  #receive(frames: readonly Uint8Array[]): void {
    this.receive(frames);
    this.#payloads = [];
    this.#onlyKnown = true;
  }

  #complete(result: JobResult): void {
    const job = this.jobs.shift();
    const live = this.session.state === 'ready' || this.session.state === 'live';
    if (live && job !== undefined && result instanceof Uint8Array) this.#asked.push(job.bytes);
    this.complete(job, result);
  }

  /** What an honest server sends next. */
  #expectedFrame(): Uint8Array {
    if (this.session.state === 'welcome') return block;
    const order = BigInt.asIntN(64, (this.#seenOrder < 0n ? 0n : this.#seenOrder) + 1n);
    return sealed(encodeServerMessage(this.#layout, order, 1.5, this.#payload(utf8('{}'))));
  }

  #scriptedFrame(): Uint8Array {
    const { script } = this;
    const layout = script.pick<Layout>([this.#layout, this.#layout, 'documented', 'deployed']);
    const payload = this.#payload(script.bytes());
    switch (script.below(4)) {
      case 0:
        return sealed(encodeServerRpc(layout, script.pick([2n ** 62n, script.hyper()]), payload));
      case 1:
        return sealed(encodeServerError(layout, textOf(payload)));
      default: {
        const seen = this.#seenOrder;
        const order = script.pick([
          seen,
          seen + 1n,
          seen + maxOrderGap,
          seen + maxOrderGap + 1n,
          0n,
          script.hyper(),
        ]);
        return sealed(encodeServerMessage(layout, BigInt.asIntN(64, order), script.byte() - 128, payload));
      }
    }
  }

  #payload(payload: Uint8Array): Uint8Array {
    this.#payloads.push(payload);
    return payload;
  }

  #expectedResult(): JobResult {
    if (this.session.state !== 'welcome') return block;
    const { script } = this;
    const dataToSign = script.below(4) === 0 ? script.bytes() : challenge;
    const serverAesKey = script.below(8) === 0 ? script.bytes() : key;
    const lastSeenSequence = script.pick([-1n, 0n, 2n ** 62n - 1n, 2n ** 62n, script.hyper()]);
    const version = this.#layout === 'deployed' && script.flag() ? { version: script.word() } : {};
    return encodeWelcome({ dataToSign, lastSeenSequence, serverAesKey, ...version });
  }

  override run(job: Job): void {
    super.run(job);
    if (job.kind !== 'sign') return;
    rule(
      isSafe(job.bytes) === !this.#readied,
      'what is signed as a challenge is never what is signed as a message',
    );
  }

  transmit(frames: readonly Uint8Array[]): void {
    this.emitted('a frame');
    rule(frames.length > 0, 'no empty batch is sent');
    if (this.#readied) for (const frame of frames) this.#checkSent(frame);
    if (this.#manner & inward.destroyAtTransmit) this.destroy();
  }

  welcome(lastSeenSequence: bigint): Error | undefined {
    this.emitted('a welcome');
    rule(lastSeenSequence >= -1n && lastSeenSequence < 2n ** 62n, 'LAST SEEN SEQUENCE lies within its range');
    return this.#manner & inward.refuseWelcome ? new Error('own') : undefined;
  }

  ready(): void {
    this.emitted('ready');
    rule(!this.#readied, 'a session becomes ready once');
    this.#readied = true;
    if (this.#manner & inward.sendAtReady) {
      this.session.sendMessage(3n, utf8('{}'));
      this.session.flush();
    }
    if (this.#manner & inward.destroyAtReady) this.destroy();
  }

  live(): void {
    this.emitted('live');
    rule(this.#readied && !this.#lived, 'a session becomes live once, after it was ready');
    this.#lived = true;
  }

  message(order: bigint, timestamp: number, json: Uint8Array): void {
    this.emitted('a message');
    rule(this.#lived, 'a message comes on a live session');
    rule(order > this.#seenOrder, 'messages come by rising ORDER');
    rule(this.#seenOrder <= 0n || order - this.#seenOrder <= maxOrderGap, 'ORDER does not jump');
    rule(Number.isFinite(timestamp), 'TIMESTAMP is finite');
    this.#seenOrder = order;
    this.#checkPayload(json);
    if (this.#manner & inward.destroyAtMessage) this.destroy();
  }

  answer(_requestId: bigint, json: Uint8Array): void {
    this.emitted('an answer');
    this.#checkPayload(json);
  }

  error(text: string): void {
    this.emitted('an ERROR');
    rule(!/[\p{Cc}\p{Cf}]/u.test(text) && utf8(text).length <= maxErrorTextBytes, 'an ERROR is made safe');
  }

  end(code: number, error: Error): void {
    this.ended(code, endCodes, error);
    rule(
      error.name === 'SessionError' || (code === 1000 && error.message === 'own'),
      'an end is told as a SessionError',
    );
  }

  #checkSent(frame: Uint8Array): void {
    const { data } = decodeClientFrame(opened(frame), this.#layout);
    const asked = this.#asked.shift();
    rule(asked !== undefined && sameBytes(asked, data), 'frames leave in the order of the calls');
  }

  #checkPayload(json: Uint8Array): void {
    if (!this.#onlyKnown) return;
    rule(
      this.#payloads.some((payload) => contains(payload, json)),
      'a payload is one that was sent',
    );
  }
}

function contains(payload: Uint8Array, json: Uint8Array): boolean {
  return sameBytes(payload, json) || Buffer.from(payload).includes(Buffer.from(json));
}

function isSafe(bytes: Uint8Array): boolean {
  try {
    assertSafeChallenge(bytes);
    return true;
  } catch {
    return false;
  }
}
