import { checkpointType, encodeJson, errorText, isRefusalCode, typeOf } from '@sealwire/session';
import type { Cancel, Scheduler } from '@sealwire/transport';
import type { Calls } from './calls.js';
import { ClientError } from './errors.js';
import type { Outbox } from './outbox.js';
import type { Outcome } from './outcome.js';
import type { AttemptEnd } from './reconnect.js';

/** A checkpoint is asked for after so many messages without an outcome … */
const checkpointAfterMessages = 64;
/** … or when for so long nothing more was handed over … */
const checkpointAfterQuiet = 25;
/** … or when the first of them left so long ago: a steady trickle is never quiet, and takes long to be many. */
const checkpointAfterTime = 250;
const checkpointTimeout = 10_000;
/** After a checkpoint that failed, or told nothing new, the next one comes no sooner. */
const checkpointRetry = 1_000;
/** Without checkpoints only a new welcome tells what arrived; it is brought about no more often than this. */
const welcomeInterval = 5_000;
/** A server may drop what it has not verified when the close comes; it gets this long for the last messages. */
const quietBeforeClose = 100;

const accepted: Outcome = { kind: 'accepted' };
const consumed: Outcome = { kind: 'consumed' };

/** What the confirmer needs of its client. */
export interface ConfirmerPort {
  /** Close politely and dial again: the next welcome tells what arrived. */
  redial(): void;
  stop(error: ClientError): void;
}

/** Learns the outcomes of messages: by Checkpoint where the server has it, else from the next welcome. */
export class Confirmer {
  /** The application says that the server knows it. */
  readonly #declared: boolean;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #scheduler: Scheduler;
  readonly #port: ConfirmerPort;
  /** The server of this session answers Checkpoint. */
  #checkpoint: boolean;
  #trusted = false;
  #live = false;
  #asking = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  #lastHandover = 0;
  /** The first one that no checkpoint was asked about since. */
  #firstHandover = Number.POSITIVE_INFINITY;
  #cancelTimer: Cancel = () => {};
  #timerAt = Number.POSITIVE_INFINITY;
  /** The ERROR of the session before, which names no SEQUENCE, and what that session had sent. */
  #refusal: { readonly outcome: Outcome; readonly first: bigint; readonly last: bigint } | undefined;

  constructor(checkpoint: boolean, outbox: Outbox, calls: Calls, scheduler: Scheduler, port: ConfirmerPort) {
    this.#declared = checkpoint;
    this.#checkpoint = checkpoint;
    this.#outbox = outbox;
    this.#calls = calls;
    this.#scheduler = scheduler;
    this.#port = port;
  }

  /** @param offered the server said, in a bound challenge, that it answers Checkpoint */
  welcomed(lastSeenSequence: bigint, trusted: boolean, offered: boolean): void {
    this.#trusted = trusted;
    this.#checkpoint = this.#declared || offered;
    // It says something of the session after it only: in a later one the same SEQUENCEs were sent again.
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (!trusted || this.#checkpoint) return;
    if (lastSeenSequence <= this.#outbox.confirmedSequence) return;
    // The refused message is the last one that its session got through. A SEQUENCE that it never sent is another's.
    const own = refusal && refusal.first <= lastSeenSequence && lastSeenSequence <= refusal.last;
    this.#settle(lastSeenSequence, (sequence) =>
      own && sequence === lastSeenSequence ? refusal.outcome : consumed,
    );
  }

  /** The server was heard; `consider` follows. */
  live(): void {
    this.#live = true;
    // What is sent again has just left.
    this.handedOver();
    // What failed before was another session's.
    if (this.#checkpoint) this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  lost({ serverText, closeCode, ownClose }: AttemptEnd): void {
    const believed = this.#live && this.#trusted;
    this.#live = false;
    this.#cancelTimer();
    this.#timerAt = Number.POSITIVE_INFINITY;
    // Behind an ERROR only the code of the close tells a refusal from a fault of the server and from a takeover.
    if (!believed || serverText === undefined || ownClose || !isRefusalCode(closeCode ?? 0)) return;
    const outcome: Outcome = { kind: 'refused', reason: serverText, code: closeCode ?? 0 };
    this.#refusal = { outcome, ...this.#outbox.sessionRange };
  }

  /** Asks the server for a sign of life, which any answer is. */
  probe(): void {
    if (this.#live && !this.#asking) void this.#ask();
  }

  /** Messages have left; `consider` follows. */
  handedOver(): void {
    this.#lastHandover = this.#scheduler.now();
    this.#firstHandover = Math.min(this.#firstHandover, this.#lastHandover);
  }

  /** Something changed: is it time to ask? */
  consider(): void {
    if (this.#live && !this.#trusted) return this.#outbox.refuseWaiting(untrusted());
    if (!this.#live || !this.#trusted || this.#asking || this.#outbox.unsettled === 0) return;
    const now = this.#scheduler.now();
    const due = this.#due();
    if (now < due) return this.#considerAgain(due, now);
    if (this.#checkpoint) void this.#ask();
    else this.#redial();
  }

  #due(): number {
    const { flushWaits, pressing, unsettled } = this.#outbox;
    const urgent = flushWaits || pressing;
    if (this.#checkpoint) {
      if (urgent || unsettled >= checkpointAfterMessages) return this.#notBefore;
      const quiet = this.#lastHandover + checkpointAfterQuiet;
      return Math.max(this.#notBefore, Math.min(quiet, this.#firstHandover + checkpointAfterTime));
    }
    if (!urgent) return Number.POSITIVE_INFINITY;
    return Math.max(this.#notBefore, this.#lastHandover + quietBeforeClose);
  }

  /** A timer that fires too early looks again, so it is only moved forward: messages leave more often than it fires. */
  #considerAgain(due: number, now: number): void {
    if (due === Number.POSITIVE_INFINITY || due >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = due;
    this.#cancelTimer = this.#scheduler.after(due - now, () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.consider();
    });
  }

  #redial(): void {
    this.#notBefore = this.#scheduler.now() + welcomeInterval;
    this.#port.redial();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    this.#firstHandover = Number.POSITIVE_INFINITY;
    try {
      const request = { '@type': checkpointType, confirmed: String(this.#outbox.confirmedSequence) };
      const answer = await this.#calls.ask(encodeJson(request), checkpointTimeout);
      const { lastSeenSequence, refusals, unknownUpTo } = readCheckpoint(answer);
      const before = this.#outbox.confirmedSequence;
      this.#settle(
        lastSeenSequence,
        (sequence) => refusals.get(sequence) ?? (sequence > unknownUpTo ? accepted : consumed),
      );
      // A server that has nothing new to tell is not asked again at the pace of the link.
      if (this.#outbox.confirmedSequence === before) this.#retryLater();
    } catch {
      // Nothing is lost by it: the next one, or the one after the next welcome, tells the same.
      this.#retryLater();
    } finally {
      this.#asking = false;
    }
    this.consider();
  }

  #retryLater(): void {
    this.#notBefore = this.#scheduler.now() + checkpointRetry;
  }

  #settle(upTo: bigint, outcomeOf: (sequence: bigint) => Outcome): void {
    const error = this.#outbox.settle(upTo, outcomeOf);
    if (error !== undefined) this.#port.stop(error);
  }
}

function untrusted(): ClientError {
  return new ClientError(
    'E_UNTRUSTED',
    'on a link that is neither TLS nor on this machine no outcome settles, nothing makes room in the outbox, and no first message leaves: use wss:, or set trustUnhardenedServer if you accept that',
  );
}

interface Checkpoint {
  readonly lastSeenSequence: bigint;
  readonly refusals: ReadonlyMap<bigint, Outcome>;
  /** The server has forgotten refusals up to here. */
  readonly unknownUpTo: bigint;
}

/** @throws ClientError `E_ANSWER` */
function readCheckpoint(answer: unknown): Checkpoint {
  const { last_seen_sequence: last, refused, unknown_up_to: unknown = '-1' } = fields(answer);
  if (typeOf(answer) !== checkpointType || !Array.isArray(refused)) throw malformed();
  const refusals = new Map<bigint, Outcome>();
  for (const item of refused) {
    const { sequence, reason } = fields(item);
    if (typeof reason !== 'string') throw malformed();
    refusals.set(hyper(sequence), { kind: 'refused', reason: errorText(reason) });
  }
  return { lastSeenSequence: hyper(last), refusals, unknownUpTo: hyper(unknown) };
}

function fields(value: unknown): { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) throw malformed();
  return value as { readonly [key: string]: unknown };
}

function hyper(value: unknown): bigint {
  if (typeof value !== 'string' || !/^(-1|\d{1,19})$/.test(value)) throw malformed();
  return BigInt(value);
}

function malformed(): ClientError {
  return new ClientError('E_ANSWER', 'the answer to Checkpoint is malformed');
}
