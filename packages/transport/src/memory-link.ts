import { checkClose } from './close-codes.js';
import { TransportError } from './errors.js';
import type { Link, LinkClose, LinkEvents } from './link.js';
import type { Item, Pipe, PipeClock } from './pipe.js';
import type { Cancel } from './scheduler.js';

export interface MemoryLinkOptions {
  readonly clock: PipeClock;
  readonly maxFrameBytes: number;
  readonly closeTimeout: number;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly pausing: boolean;
  readonly pinging: boolean;
  readonly ended: () => void;
}

const CUT: LinkClose = { code: 1006, reason: '' };

/** One end of a memory link: writes into one pipe, reads from the other. */
export class MemoryLink implements Link {
  readonly #options: MemoryLinkOptions;
  readonly #out: Pipe;
  readonly #in: Pipe;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #events: LinkEvents | undefined;
  #ending: LinkClose | undefined;
  #paused = false;
  #heardAt: number;
  #cancelCloseTimer: Cancel | undefined;

  readonly local = true;
  declare readonly pausing?: { pause(): void; resume(): void };
  declare readonly pinging?: { ping(): void };

  constructor(out: Pipe, into: Pipe, options: MemoryLinkOptions) {
    this.#options = options;
    this.#out = out;
    this.#in = into;
    this.#heardAt = options.clock.scheduler.now();
    if (options.pausing) {
      this.pausing = {
        pause: () => {
          this.#paused = true;
        },
        resume: () => {
          this.#paused = false;
          this.#in.wake();
        },
      };
    }
    if (options.pinging) this.pinging = { ping: () => this.#push({ kind: 'ping' }) };
  }

  get remoteAddress(): string {
    return this.#options.remoteAddress;
  }

  get secure(): boolean {
    return this.#options.secure;
  }

  get maxFrameBytes(): number {
    return this.#options.maxFrameBytes;
  }

  get bufferedBytes(): number {
    return this.#out.bufferedBytes;
  }

  get silentFor(): number {
    return this.#options.clock.scheduler.now() - this.#heardAt;
  }

  start(events: LinkEvents): void {
    if (this.#events !== undefined) throw new TransportError('E_STARTED', 'a link is started only once');
    this.#events = events;
    this.#in.wake();
    this.#options.clock.soon(() => this.#tellEnding());
  }

  send(frames: readonly Uint8Array[]): void {
    // Copied, because the receiver owns what it gets while the sender may send the same bytes elsewhere.
    if (frames.length > 0)
      this.#push({ kind: 'batch', frames: frames.map((frame) => new Uint8Array(frame)) });
  }

  close(code: number, reason: string): void {
    const fitting = checkClose(code, reason);
    if (this.#state !== 'open') return;
    this.#push({ kind: 'close', code, reason: fitting });
    this.#state = 'closing';
    const { clock, closeTimeout } = this.#options;
    this.#cancelCloseTimer = clock.scheduler.after(closeTimeout, () => this.terminate());
    this.#in.wake();
  }

  terminate(): void {
    if (this.#state === 'ended') return;
    this.#out.end();
    this.#end(CUT);
  }

  /** For the pipe: whether the owner wants what has arrived. A closing end reads on, to see the confirmation. */
  get reading(): boolean {
    if (this.#state === 'open') return this.#events !== undefined && !this.#paused;
    return this.#state === 'closing';
  }

  /** For the pipe: the next item that the peer sent. */
  receive(item: Item): void {
    this.#heardAt = this.#options.clock.scheduler.now();
    if (item.kind === 'end') this.lose();
    else if (item.kind === 'close') this.#receiveClose(item.code, item.reason);
    else if (this.#state === 'open') this.#receiveOpen(item);
  }

  /** For the pipe: everything that was sent is on its way. */
  drained(): void {
    if (this.#state === 'open') this.#events?.drain();
  }

  /** The connection broke. */
  lose(): void {
    if (this.#state !== 'ended') this.#end(CUT);
  }

  #push(item: Item): void {
    if (this.#state === 'open') this.#out.push(item);
  }

  #receiveOpen(item: Exclude<Item, { kind: 'close' | 'end' }>): void {
    if (item.kind === 'batch') this.#receiveFrames(item.frames);
    else if (item.kind === 'text') this.#events?.text();
    else if (item.kind === 'pong') this.#events?.pong();
    else this.#out.push({ kind: 'pong' });
  }

  #receiveFrames(frames: readonly Uint8Array[]): void {
    const tooBig = frames.findIndex((frame) => frame.length > this.maxFrameBytes);
    if (tooBig === -1) {
      this.#events?.frames(frames);
      return;
    }
    if (tooBig > 0) this.#events?.frames(frames.slice(0, tooBig));
    // The owner may have closed the link while it handled the frames before.
    if (this.#state === 'open') this.#confirm(1009, '');
  }

  #receiveClose(code: number, reason: string): void {
    if (this.#state === 'open') this.#confirm(code, reason);
    else this.#end({ code, reason });
  }

  #confirm(code: number, reason: string): void {
    this.#push({ kind: 'close', code, reason });
    this.#end({ code, reason });
  }

  #end(close: LinkClose): void {
    this.#state = 'ended';
    this.#ending = close;
    this.#in.destroy();
    this.#cancelCloseTimer?.();
    this.#options.ended();
    this.#options.clock.soon(() => this.#tellEnding());
  }

  #tellEnding(): void {
    if (this.#ending === undefined || this.#events === undefined) return;
    const ending = this.#ending;
    this.#ending = undefined;
    this.#events.close(ending);
  }
}
