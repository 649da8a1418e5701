import { FramingError } from '@sealwire/framing';
import { defaultDeadlines, type Job, type JobResult, SessionError } from '@sealwire/session';
import { type Probe, Refusal } from '../engine/probe.js';
import { rule } from '../engine/violation.js';
import { sessionCodeSet } from '../support/errors.js';
import type { Script } from '../support/script.js';

/** RSA-2048. */
export const modulusBytes = 256;
export const key = Uint8Array.from({ length: 32 }, (_, index) => index * 5 + 1);
export const block = new Uint8Array(modulusBytes).fill(0x33);

/** Of one script: after some dozens a session has been everywhere. */
export const maxSteps = 100;

/** What a server's and a client's session have in common. */
interface WatchedSession {
  readonly nextTick: number;
  receive(frames: readonly Uint8Array[]): void;
  complete(result: JobResult): void;
  tick(): void;
  destroy(): void;
}

/** What is the same in the watch over a server's and over a client's session. */
export abstract class Watch {
  protected abstract readonly session: WatchedSession;
  protected readonly script: Script;
  protected readonly probe: Probe;
  protected readonly jobs: Job[] = [];
  /** The session has ended itself or was destroyed: nothing may come any more. */
  protected over = false;
  protected now = 1_000;
  readonly clock = { now: () => this.now };

  constructor(script: Script, probe: Probe) {
    this.script = script;
    this.probe = probe;
  }

  run(job: Job): void {
    this.emitted('a job');
    this.jobs.push(job);
  }

  protected emitted(what: string): void {
    rule(!this.over, `${what} comes after the end`);
  }

  protected ended(code: number, codes: readonly number[], error: Error): void {
    this.emitted('an end');
    this.over = true;
    rule(codes.includes(code), `a session does not end with ${code}`);
    rule(error.name !== 'SessionError' || sessionCodeSet.has(codeOf(error)), 'an end names a known code');
  }

  /** A call that declares no error. */
  protected calm(size: number, act: () => void): void {
    this.probe.call(size, undefined, act, { factor: frameFactor });
  }

  /** A call that a driver may make at the wrong time or with a wrong number. */
  protected misused(size: number, act: () => void): Refusal | undefined {
    const result = this.probe.call(size, undefined, () => caught(act), { factor: frameFactor });
    if (result === undefined || result instanceof Refusal) return undefined;
    const known =
      (result instanceof SessionError &&
        ['E_STATE', 'E_SEQUENCE', 'E_REQUEST_ID', 'E_OVERFLOW'].includes(result.code)) ||
      (result instanceof FramingError && ['E_FIELD', 'E_TIMESTAMP', 'E_LIMIT'].includes(result.code));
    rule(known, `a call fails with ${result.name}: ${result.message}`);
    return new Refusal(result);
  }

  protected receive(frames: readonly Uint8Array[]): void {
    const size = frames.reduce((sum, { length }) => sum + length, 0);
    this.calm(size, () => this.session.receive(frames));
  }

  /** @param job the oldest one, if any waits */
  protected complete(job: Job | undefined, result: JobResult): void {
    const refused = this.misused(modulusBytes, () => this.session.complete(result));
    rule(
      (refused === undefined) === (job !== undefined),
      'a result is refused where no job waits for it, and only there',
    );
  }

  protected tick(): void {
    this.passTime();
    this.calm(0, () => this.session.tick());
    rule(this.session.nextTick > this.now, 'after a tick the next one lies ahead');
  }

  protected destroy(): void {
    this.over = true;
    this.session.destroy();
  }

  protected oddResult(): JobResult {
    return this.script.pick<() => JobResult>([
      () => undefined,
      () => true,
      () => false,
      () => this.script.bytes(),
      () => block,
      () => new Uint8Array(0),
    ])();
  }

  protected passTime(): void {
    this.now += this.script.pick([0, 1, 50, 100, 1_000, 2_000, 2_999, 3_000, 4_800, 5_000, 60_000]);
  }
}

/** Objects per frame; the frames are short. */
const frameFactor = 8;

export const deadlines = defaultDeadlines;

function caught(act: () => void): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name !== 'Violation') return error;
    throw error;
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
