import { isRefusalCode, type Milliseconds, retryAfterClose, retryAfterHttpStatus } from '@sealwire/session';
import { ClientError, type ClientErrorCode, codeOf } from './errors.js';
import type { ReconnectOptions } from './options.js';

/** How one attempt to have a session ended. */
export interface AttemptEnd {
  /** How far it came: `proof` when the proof was out and the server not heard since. */
  readonly phase: 'dial' | 'handshake' | 'proof' | 'live';
  /** Absent when there was no link. */
  readonly closeCode?: number;
  /** This side closed, because of `error`. */
  readonly ownClose: boolean;
  /** Why there was no link, or why this side closed it. */
  readonly error?: unknown;
  /** The text of the server's ERROR. */
  readonly serverText?: string;
  /** May the end be believed? False on a link without TLS that leaves the machine. */
  readonly trusted: boolean;
  /** The server had proved itself, so what it sealed is its own; a close never is sealed. */
  readonly hardened: boolean;
  readonly liveFor: Milliseconds;
}

/** What the policy has to know beside the end itself. */
export interface AttemptContext {
  /** The first SEQUENCE that the server has not confirmed, if a message waits for that. */
  readonly unconfirmed: bigint | undefined;
  /** The highest ORDER received. */
  readonly received: bigint;
  /** There was no live session yet. */
  readonly first: boolean;
  /** Another attempt of this client signed within the last 10 s: a takeover is then its own doing. */
  readonly otherProof: boolean;
  /** The attempt took so long that the server may have refused it for that. */
  readonly late: boolean;
}

export type Verdict =
  | { readonly kind: 'dial'; readonly delay: Milliseconds; readonly cause: ClientError }
  | { readonly kind: 'stop'; readonly error: ClientError };

type Pace = 'at-once' | 'normal' | 'slow';
type Stop = readonly [ClientErrorCode, string];

const maxRefusals = 5;
const maxCryptoFailures = 3;
const maxSequenceErrors = 2;
const maxStuck = 5;
/** Closes after which the same message may come to the same end. */
const stuckCodes: ReadonlySet<number> = new Set([1002, 1007, 1009, 1011]);
/** A dialer that says so will say it again: the program has to change. */
const hopelessDials: ReadonlySet<string> = new Set(['E_URL', 'E_OPTION', 'E_INSECURE']);
/** The peer has not the keys that it should have, or is not the one that it should be. */
const cryptoFailures: ReadonlySet<string> = new Set(['E_HANDSHAKE', 'E_CHALLENGE_REFUSED', 'E_TAG']);
const refused: Stop = ['E_REFUSED', 'the server refuses the handshake: check clientId, clientKey, serverKey'];
const unhardened: Stop = [
  'E_UNHARDENED',
  'the server does not prove itself, which `hardening` or the pin of an earlier session demands: see forgetPin',
];
const wrongTag: Stop = [
  'E_HANDSHAKE',
  'the server does not hold serverKey, or was given another context: check both, and the way to it',
];
const soonest: Milliseconds = 100;
const longestRetryAfter: Milliseconds = 3_600_000;

/** Ends that stop a client when there were too many of them. */
interface Counts {
  refusals: number;
  cryptoFailures: number;
  sequenceErrors: number;
  stuckAt: string;
  stuck: number;
}

function noCounts(): Counts {
  return { refusals: 0, cryptoFailures: 0, sequenceErrors: 0, stuckAt: '', stuck: 0 };
}

/** Given how an attempt ended: dial again, and when, or stop. Pure but for its counters; it owns no timer. */
export class ReconnectPolicy {
  readonly #options: Required<ReconnectOptions>;
  readonly #random: () => number;
  /** How many keys the one server may have: a refusal counts when each was tried. */
  readonly #keys: number;
  #step = 0;
  readonly #believed = noCounts();
  /** Of ends that anybody on the way can bring about: they slow down, and add nothing to those of the server. */
  readonly #doubted = noCounts();
  /** Those of the two that the end at hand adds to. */
  #counts = this.#believed;
  #dialedAtOnce = false;
  #unconfirmed: bigint | undefined;
  /** The first unconfirmed message is another one than at the last end. */
  #moved = false;

  constructor(options: Required<ReconnectOptions>, random: () => number, keys: number) {
    this.#options = options;
    this.#random = random;
    this.#keys = keys;
  }

  next(end: AttemptEnd, context: AttemptContext): Verdict {
    this.#forget(end, context);
    const cause = describe(end);
    const decision = this.#decide(end, context);
    if (typeof decision !== 'string') {
      const [code, words] = decision;
      return { kind: 'stop', error: new ClientError(code, words, { cause, closeCode: end.closeCode }) };
    }
    const longest = end.trusted ? longestRetryAfter : this.#options.slow;
    const asked = Math.min(retryAfter(end.error), longest);
    return { kind: 'dial', delay: Math.max(this.#delay(decision), asked), cause };
  }

  /** What a good session makes good. */
  #forget(end: AttemptEnd, { unconfirmed }: AttemptContext): void {
    const moved = unconfirmed === undefined || unconfirmed !== this.#unconfirmed;
    this.#moved = moved && unconfirmed !== undefined;
    this.#unconfirmed = unconfirmed;
    if (moved) this.#believed.sequenceErrors = 0;
    if (end.phase !== 'live') return;
    const { refusals, cryptoFailures } = noCounts();
    Object.assign(this.#doubted, { refusals, cryptoFailures });
    if (end.trusted || end.hardened) Object.assign(this.#believed, { refusals, cryptoFailures });
    this.#dialedAtOnce = false;
    // The same message has been there, and did not bring the session down.
    if (!end.ownClose && !stuckCodes.has(end.closeCode ?? 0)) this.#believed.stuck = this.#doubted.stuck = 0;
    // A message that kills each session would otherwise be sent at the fastest pace for ever.
    if (moved && end.liveFor >= this.#options.stableAfter) this.#step = 0;
  }

  #decide(end: AttemptEnd, context: AttemptContext): Pace | Stop {
    // Anybody on the way can write what is not sealed on a plain link; it must not silence the client.
    // That a proved welcome does not fit is no word of theirs; any other frame before the session's first may be.
    const misfit = end.hardened && end.ownClose && codeOf(end.error) === 'E_DESYNC';
    const forgeable = !end.trusted && !isConfirmed(end) && !misfit;
    this.#counts = forgeable ? this.#doubted : this.#believed;
    const stop = this.#stopAt(end, context);
    if (Array.isArray(stop)) return forgeable ? 'slow' : stop;
    // The message is consumed: the next session has nothing to fear from it.
    if (this.#moved && isMessageRefused(end)) {
      this.#step = 0;
      return 'at-once';
    }
    return stop ?? this.#pace(end);
  }

  #stopAt(end: AttemptEnd, context: AttemptContext): Pace | Stop | undefined {
    const code = codeOf(end.error);
    if (end.phase === 'dial' && code !== undefined && hopelessDials.has(code)) {
      return ['E_OPTION', 'the dialer refuses its own options: see the cause'];
    }
    if (code === 'E_DESYNC' && end.error instanceof Error) return ['E_DESYNC', end.error.message];
    if (code === 'E_UNHARDENED') return this.#refused(end, context, unhardened);
    if (end.hardened && end.phase === 'live') {
      // Whatever else ends it, anybody on the way can do: alter a frame, or write a close.
      if (end.ownClose || !isConfirmed(end)) return 'normal';
    }
    // In a handshake 1008 has no words: that the time was up looks like a wrong key.
    if (context.late && end.closeCode === 1008 && !end.ownClose && end.phase !== 'live') return 'normal';
    if (isRefusal(end)) return this.#refused(end, context, refused);
    if (end.ownClose) return this.#ownClose(end, code, context);
    return this.#closed(end, context);
  }

  #closed(end: AttemptEnd, context: AttemptContext): Pace | Stop | undefined {
    if (end.hardened && !isConfirmed(end)) return undefined;
    switch (end.closeCode) {
      case 4000:
        if (context.otherProof) return 'normal';
        return [
          'E_TAKEN_OVER',
          'the same client id connected elsewhere: run one client per id, or connect() anew to take over in turn',
        ];
      case 4001:
        this.#counts.sequenceErrors += 1;
        if (this.#counts.sequenceErrors < maxSequenceErrors) return undefined;
        return ['E_SEQUENCE', 'the server refuses the SEQUENCE that its own welcome asked for'];
      case 4100:
        return ['E_HISTORY_GONE', "messages after the saved ORDER are gone: see resumeFrom('oldest')"];
      case 4101:
        return ['E_AHEAD', 'the saved ORDER is ahead of the server, which lost messages: see resumeFrom'];
      default:
        break;
    }
    if (stuckCodes.has(end.closeCode ?? 0) && context.unconfirmed !== undefined) {
      return this.#stuckTimes(
        `SEQUENCE ${context.unconfirmed}`,
        `the server closed ${maxStuck} times in a row with ${end.closeCode} at SEQUENCE ${context.unconfirmed}: ${stuckAdvice(end.closeCode)}`,
      );
    }
    return undefined;
  }

  #ownClose(
    end: AttemptEnd,
    code: string | undefined,
    { received, first }: AttemptContext,
  ): Stop | undefined {
    if (end.phase === 'handshake' && cryptoFailures.has(code ?? '')) {
      this.#counts.cryptoFailures += 1;
      if (code === 'E_TAG' && first && end.trusted) return wrongTag;
      if (this.#counts.cryptoFailures < maxCryptoFailures) return undefined;
      return [
        'E_HANDSHAKE',
        `${maxCryptoFailures} handshakes failed: check clientId, clientKey, serverKey, context and the peer`,
      ];
    }
    if (code === 'E_FRAME' || code === 'E_ORDER') {
      return this.#stuckTimes(
        `ORDER ${received}`,
        `${maxStuck} times in a row a frame after ORDER ${received} could not be accepted`,
      );
    }
    return undefined;
  }

  #stuckTimes(position: string, words: string): Stop | undefined {
    const counts = this.#counts;
    counts.stuck = position === counts.stuckAt ? counts.stuck + 1 : 1;
    counts.stuckAt = position;
    return counts.stuck < maxStuck ? undefined : ['E_STUCK', words];
  }

  #refused(end: AttemptEnd, { first }: AttemptContext, stop: Stop): Pace | Stop {
    const refusals = ++this.#counts.refusals;
    const rounds = Math.floor(refusals / this.#keys);
    if (rounds >= maxRefusals || (rounds >= 1 && first && end.trusted)) return stop;
    return refusals % this.#keys === 0 ? 'slow' : 'normal';
  }

  #pace(end: AttemptEnd): Pace {
    // The server asks for it when a session of this client was committing during the handshake.
    if (end.closeCode === 1012 && end.phase !== 'live' && !this.#dialedAtOnce) {
      this.#dialedAtOnce = true;
      return 'at-once';
    }
    const { closeCode, ownClose } = end;
    const slow = closeCode !== undefined && !ownClose && retryAfterClose(closeCode) === 'retry-slowly';
    return slow ? 'slow' : 'normal';
  }

  #delay(pace: Pace): Milliseconds {
    const { first, max, slow } = this.#options;
    if (pace === 'at-once') return this.#random() * soonest;
    if (pace === 'slow') return slow + this.#random() * first;
    const bound = Math.min(max, first * 2 ** this.#step);
    if (bound < max) this.#step += 1;
    return this.#random() * bound;
  }
}

export function failedDial(error: unknown, trusted: boolean): AttemptEnd {
  return { phase: 'dial', ownClose: false, error, trusted, hardened: false, liveFor: 0 };
}

/** Nothing but the end that was asked for: the server had no word of its own. */
export function endedAsAsked({ closeCode }: AttemptEnd): boolean {
  return closeCode === 1000 || closeCode === 1005 || closeCode === 1006;
}

/** 1002 is about the frame, which was not read so far that the message could be at fault. */
function stuckAdvice(closeCode: number | undefined): string {
  return closeCode === 1002
    ? 'the two sides may differ in keys or in the layout of frames, so check `layout`'
    : 'have it refuse that message';
}

/** The server itself said the code: its sealed ERROR begins with it. */
function isConfirmed({ hardened, closeCode, serverText }: AttemptEnd): boolean {
  return hardened && closeCode !== undefined && `${serverText} `.startsWith(`${closeCode} `);
}

function isRefusal(end: AttemptEnd): boolean {
  if (end.closeCode === 1008 && !end.ownClose) return true;
  const status = numberOf(end.error, 'status');
  return status !== undefined && retryAfterHttpStatus(status) === 'retry-slowly';
}

function isMessageRefused(end: AttemptEnd): boolean {
  if (end.phase !== 'live' || end.ownClose || !(end.trusted || end.hardened)) return false;
  return end.serverText !== undefined && isRefusalCode(end.closeCode ?? 0);
}

function retryAfter(error: unknown): Milliseconds {
  return Math.min(numberOf(error, 'retryAfter') ?? 0, longestRetryAfter);
}

/** A number that a `TransportError` may carry; by shape, because a program may hold two copies of that class. */
function numberOf(error: unknown, name: 'status' | 'retryAfter'): number | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined;
  const value = (error as { readonly [key: string]: unknown })[name];
  return typeof value === 'number' ? value : undefined;
}

function describe(end: AttemptEnd): ClientError {
  if (end.phase === 'dial') {
    return new ClientError('E_DIAL', 'no link could be opened: see the cause', { cause: end.error });
  }
  if (end.ownClose) {
    const words = end.error instanceof Error ? end.error.message : 'this side gave up';
    return new ClientError('E_LOST', words, { cause: end.error, closeCode: end.closeCode });
  }
  const said = end.serverText === undefined ? '' : `: ${end.serverText}`;
  return new ClientError('E_LOST', `the link closed with ${end.closeCode}${said}`, {
    closeCode: end.closeCode,
    cause: end.error,
  });
}
