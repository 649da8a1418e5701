import type { DirectionOptions } from './faults.js';
import type { Cancel, Scheduler } from './scheduler.js';

/** What one end gets from the other. */
export type Item =
  | { readonly kind: 'batch'; readonly frames: readonly Uint8Array[] }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'text' | 'ping' | 'pong' | 'end' };

/** The two ends as the pipe sees them. */
export interface PipeEnds {
  /** False while the receiver has not started or is paused: what has arrived stays in the pipe. */
  readonly reading: boolean;
  /** The receiver reads the next item. */
  receive(item: Item): void;
  /** Nothing waits at the sender any more. */
  drained(): void;
  /** The connection broke: the sender learns it here, the receiver by an `end` after what it has yet to read. */
  cut(): void;
}

export interface PipeClock {
  readonly scheduler: Scheduler;
  readonly random: () => number;
  /** Runs after the current call has returned, with no delay. */
  readonly soon: (run: () => void) => void;
}

const DEFAULTS: Required<DirectionOptions> = { delay: 0, jitter: 0, window: 262_144, batching: 'kept' };

/**
 * One direction of a memory link. An item waits at the sender (`#waiting`) until the window has room, flies
 * (`#flying`) for the delay, and has arrived (`#arrived`) until the receiver reads it.
 */
export class Pipe {
  readonly #clock: PipeClock;
  readonly #ends: PipeEnds;
  #options: Required<DirectionOptions>;
  #waiting: Item[] = [];
  #flying: { readonly due: number; readonly item: Item | { readonly kind: 'cut' } }[] = [];
  #arrived: Item[] = [];
  #bytesWaiting = 0;
  #bytesUnread = 0;
  #bytesLeft = Number.POSITIVE_INFINITY;
  #framesLeft = Number.POSITIVE_INFINITY;
  #stalled = false;
  #dead = false;
  #owesDrain = false;
  #cancelTimer: Cancel | undefined;

  constructor(clock: PipeClock, ends: PipeEnds, options: DirectionOptions = {}) {
    this.#clock = clock;
    this.#ends = ends;
    this.#options = { ...DEFAULTS, ...options };
  }

  get bufferedBytes(): number {
    return this.#bytesWaiting;
  }

  set(options: DirectionOptions): void {
    this.#options = { ...this.#options, ...options };
    this.#take();
    this.wake();
  }

  push(item: Item): void {
    if (this.#dead) return;
    this.#waiting.push(item);
    if (item.kind === 'batch') this.#bytesWaiting += byteLength(item.frames);
    this.#take();
    this.#owesDrain ||= this.#bytesWaiting > 0;
  }

  limit(limit: { bytes?: number; frames?: number }): void {
    this.#bytesLeft = limit.bytes ?? this.#bytesLeft;
    this.#framesLeft = limit.frames ?? this.#framesLeft;
    this.#take();
    if (this.#bytesLeft === 0 || this.#framesLeft === 0) this.#cut();
  }

  stall(): void {
    this.#stalled = true;
  }

  heal(): void {
    this.#stalled = false;
    this.wake();
  }

  /** The receiver reads again, or anything else changed: delivers what may be delivered. */
  wake(): void {
    this.#clock.soon(() => this.#deliver());
  }

  /** The sender is gone: what it had not sent is lost, what is on its way arrives, then the end. */
  end(): void {
    this.#waiting = [];
    this.#bytesWaiting = 0;
    this.#fly({ kind: 'end' });
    this.#dead = true;
  }

  halfClose(): void {
    this.#fly({ kind: 'end' });
    this.#dead = true;
  }

  /** Everything in the pipe is lost, and nothing more goes through. */
  destroy(): void {
    this.#dead = true;
    this.#waiting = [];
    this.#flying = [];
    this.#arrived = [];
    this.#bytesWaiting = 0;
    this.#cancelTimer?.();
  }

  #take(): void {
    while (!this.#dead) {
      const item = this.#waiting[0];
      if (item === undefined) return;
      if (item.kind === 'batch') {
        const count = this.#fitting(item.frames);
        if (count === 0) return;
        this.#waiting.shift();
        if (count < item.frames.length)
          this.#waiting.unshift({ kind: 'batch', frames: item.frames.slice(count) });
        this.#takeFrames(item.frames.slice(0, count));
      } else {
        this.#waiting.shift();
        this.#fly(item);
      }
    }
  }

  /** How many of the frames the window and a coming cut let through now. */
  #fitting(frames: readonly Uint8Array[]): number {
    let unread = this.#bytesUnread;
    let count = 0;
    for (const frame of frames) {
      if (unread > 0 && unread + frame.length > this.#options.window) break;
      unread += frame.length;
      count++;
    }
    return count;
  }

  #takeFrames(frames: readonly Uint8Array[]): void {
    let through = 0;
    for (const frame of frames) {
      if (frame.length > this.#bytesLeft || this.#framesLeft === 0) break;
      this.#bytesLeft -= frame.length;
      this.#framesLeft--;
      this.#bytesUnread += frame.length;
      through++;
    }
    this.#bytesWaiting -= byteLength(frames);
    for (const batch of this.#batches(frames.slice(0, through))) this.#fly({ kind: 'batch', frames: batch });
    if (through < frames.length || this.#bytesLeft === 0 || this.#framesLeft === 0) this.#cut();
  }

  #cut(): void {
    if (this.#dead) return;
    this.#fly({ kind: 'cut' });
    this.#dead = true;
  }

  #batches(frames: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
    if (frames.length === 0) return [];
    if (this.#options.batching === 'kept') return [frames];
    const batches: Uint8Array[][] = [[]];
    for (const frame of frames) {
      const last = batches[batches.length - 1];
      if (last === undefined || (last.length > 0 && this.#clock.random() < 0.5)) batches.push([frame]);
      else last.push(frame);
    }
    return batches;
  }

  #fly(item: Item | { readonly kind: 'cut' }): void {
    if (this.#dead) return;
    const { delay, jitter } = this.#options;
    const previous = this.#flying[this.#flying.length - 1];
    const due = this.#clock.scheduler.now() + delay + jitter * this.#clock.random();
    this.#flying.push({ due: Math.max(due, previous?.due ?? due), item });
    if (this.#flying.length === 1) this.#awaitNext();
  }

  #awaitNext(): void {
    const next = this.#flying[0];
    if (next === undefined || this.#stalled) return;
    this.#cancelTimer?.();
    const wait = next.due - this.#clock.scheduler.now();
    if (wait > 0) this.#cancelTimer = this.#clock.scheduler.after(wait, () => this.#deliver());
    else this.wake();
  }

  #deliver(): void {
    if (this.#stalled) return;
    const now = this.#clock.scheduler.now();
    for (let next = this.#flying[0]; next !== undefined && next.due <= now; next = this.#flying[0]) {
      this.#flying.shift();
      if (next.item.kind === 'cut') {
        this.#arrived.push({ kind: 'end' });
        this.#ends.cut();
      } else {
        this.#arrived.push(next.item);
      }
    }
    this.#awaitNext();
    while (this.#ends.reading && !this.#stalled) {
      const item = this.#arrived.shift();
      if (item === undefined) break;
      if (item.kind === 'batch') this.#bytesUnread -= byteLength(item.frames);
      this.#take();
      this.#ends.receive(item);
    }
    if (this.#owesDrain && this.#bytesWaiting === 0 && !this.#dead) {
      this.#owesDrain = false;
      this.#ends.drained();
    }
  }
}

function byteLength(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
