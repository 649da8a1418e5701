import { checkClose, type Link, type LinkClose, type LinkEvents, TransportError } from '@sealwire/transport';
import type { LinkLimits } from './limits.js';

export interface BrowserLinkOptions extends Required<LinkLimits> {
  readonly maxWaitingBytes: number;
  readonly secure: boolean;
  readonly local: boolean;
}

/** There is no event for it, so it is looked at; a batch of 64 KiB takes as long at 50 Mbit/s. */
const DRAIN_POLL_MS = 10;

/**
 * A link over an open built-in WebSocket. A page cannot stop reading, ping, see the peer's address, send codes
 * other than 1000 and 3000 to 4999 (others become 1000), or cut a connection: after `terminate` the owner is rid
 * of the link at once, and the peer sees a close without a code (1005).
 */
export class BrowserLink implements Link {
  readonly #ws: WebSocket;
  readonly #options: BrowserLinkOptions;
  /** The owner has closed or terminated: nothing but `close` is told any more. */
  #closing = false;
  #ended = false;
  #events: LinkEvents | undefined;
  #waiting: (Uint8Array | 'text')[] = [];
  #waitingBytes = 0;
  #ending: LinkClose | undefined;
  #violation: LinkClose | undefined;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;
  #drainTimer: ReturnType<typeof setInterval> | undefined;

  readonly remoteAddress = undefined;

  constructor(ws: WebSocket, options: BrowserLinkOptions) {
    this.#ws = ws;
    this.#options = options;
    ws.onmessage = ({ data }: MessageEvent<unknown>) => this.#onMessage(data);
    ws.onclose = ({ code, reason }) => this.#end(this.#violation ?? { code, reason });
  }

  get secure(): boolean {
    return this.#options.secure;
  }

  get local(): boolean {
    return this.#options.local;
  }

  get maxFrameBytes(): number {
    return this.#options.maxPayload;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  start(events: LinkEvents): void {
    if (this.#events !== undefined) throw new TransportError('E_STARTED', 'a link is started only once');
    this.#events = events;
    queueMicrotask(() => this.#deliver());
  }

  send(frames: readonly Uint8Array[]): void {
    if (this.#closing || this.#ws.readyState !== WebSocket.OPEN) return;
    for (const frame of frames) this.#ws.send(frame as Uint8Array<ArrayBuffer>);
    if (this.#ws.bufferedAmount > 0) this.#drainTimer ??= setInterval(() => this.#pollDrain(), DRAIN_POLL_MS);
  }

  close(code: number, reason: string): void {
    const fitting = checkClose(code, reason);
    this.#close(code === 1000 || code >= 3000 ? code : 1000, fitting);
  }

  terminate(): void {
    this.#closing = true;
    this.#ws.close();
    this.#end({ code: 1006, reason: '' });
  }

  #close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    clearInterval(this.#drainTimer);
    if (this.#ended) return;
    this.#ws.close(code, reason);
    const timedOut = () => this.#end(this.#violation ?? { code: 1006, reason: '' });
    this.#closeTimer = setTimeout(timedOut, this.#options.closeTimeout);
  }

  #onMessage(data: unknown): void {
    if (this.#closing) return;
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : 'text';
    const bytes = message === 'text' ? 0 : message.length;
    if (bytes > this.maxFrameBytes) {
      this.#deliver();
      this.#refuse({ code: 1009, reason: '', violation: true });
    } else if (this.#events === undefined && this.#waitingBytes + bytes > this.#options.maxWaitingBytes) {
      const cause = new TransportError(
        'E_OVERFLOW',
        'more than maxWaitingBytes came before the link was started',
      );
      this.#refuse({ code: 1008, reason: '', violation: true, cause });
    } else {
      this.#waiting.push(message);
      this.#waitingBytes += bytes;
      this.#deliver();
    }
  }

  /** Ends the link because of what the peer sent; a page may not tell it the code. */
  #refuse(violation: LinkClose): void {
    if (this.#closing) return;
    this.#violation = violation;
    this.#close(1000, '');
  }

  #deliver(): void {
    const events = this.#events;
    if (events === undefined) return;
    while (!this.#closing) {
      const frames: Uint8Array[] = [];
      let next = this.#waiting.shift();
      for (; next !== undefined && next !== 'text'; next = this.#waiting.shift()) frames.push(next);
      if (frames.length > 0) events.frames(frames);
      if (next === undefined) break;
      if (!this.#closing) events.text();
    }
    this.#waitingBytes = 0;
    if (this.#ending === undefined) return;
    const ending = this.#ending;
    this.#ending = undefined;
    events.close(ending);
  }

  #end(ending: LinkClose): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#closeTimer);
    clearInterval(this.#drainTimer);
    this.#ws.onmessage = null;
    this.#ws.onclose = null;
    this.#ending = ending;
    queueMicrotask(() => this.#deliver());
  }

  #pollDrain(): void {
    if (this.#ws.bufferedAmount > 0) return;
    clearInterval(this.#drainTimer);
    this.#drainTimer = undefined;
    this.#events?.drain();
  }
}
