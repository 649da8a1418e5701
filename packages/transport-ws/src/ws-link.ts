import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { checkClose, type Link, type LinkClose, type LinkEvents, TransportError } from '@sealwire/transport';
import type { RawData, WebSocket } from 'ws';
import { binaryMessages } from './binary-messages.js';
import type { LinkLimits } from './limits.js';
import { ownBytes } from './own-bytes.js';

/** What is known of a link when it opens. */
export interface WsLinkFacts {
  /** A client has to mask what it sends. */
  readonly masks: boolean;
  readonly secure: boolean;
  readonly local: boolean;
  readonly remoteAddress: string | undefined;
}

const nothing = new Uint8Array();
/** More than any session leaves unanswered. */
const maxUnansweredPings = 64;
/** Pings and pongs that answer nothing, in a second; a peer that shows its life with them sends a few. */
const maxControlFrames = 1_000;
/** One more for so much that came with them: peers ping to learn how fast their bytes arrive. */
const bytesPerControlFrame = 16_384;
/** Handed over at once; a read may hold ten times as many small ones. */
const maxBatch = 1_024;
/** Messages that are read after our close, because the confirmation comes behind what was under way. */
const maxLateMessages = 4_096;

/** A link over an open `ws` WebSocket; `socket` is the TCP or TLS socket that it runs on. */
export class WsLink implements Link {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #limits: Required<LinkLimits>;
  readonly #facts: WsLinkFacts;
  #state: 'open' | 'closing' | 'terminated' = 'open';
  #events: LinkEvents | undefined;
  #inbox: Uint8Array[] = [];
  #texts = 0;
  #ending: LinkClose | undefined;
  #flushDue = false;
  #owesDrain = false;
  #cause: Error | undefined;
  #violation: number | undefined;
  #halfOpenTimer: NodeJS.Timeout | undefined;
  #heardAt = performance.now();
  /** The payloads of the pings that are not answered yet, the oldest first; made at the first one. */
  #pings: string[] | undefined;
  #controlFrames = 0;
  #controlFramesSince = 0;
  #bytesBeforeControlFrames = 0;
  #lateMessages = 0;

  readonly pausing = this;
  readonly pinging = this;

  constructor(ws: WebSocket, socket: Socket, limits: Required<LinkLimits>, facts: WsLinkFacts) {
    this.#ws = ws;
    this.#socket = socket;
    this.#limits = limits;
    this.#facts = facts;
    ws.pause();
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on('ping', () => this.#onPing());
    ws.on('pong', (payload) => this.#onPong(payload));
    ws.on('error', (error) => this.#onViolation(error));
    ws.on('close', (code, reason) => this.#onClose(code, reason.toString()));
    // `ws` tells of whole messages only.
    socket.on('data', () => {
      this.#heardAt = performance.now();
    });
    socket.on('error', (error) => {
      this.#cause ??= error;
    });
    // A peer that has closed its half but does not read would otherwise keep ours open for ever.
    socket.once('end', () => {
      this.#halfOpenTimer = setTimeout(() => ws.terminate(), limits.closeTimeout);
    });
  }

  get secure(): boolean {
    return this.#facts.secure;
  }

  get local(): boolean {
    return this.#facts.local;
  }

  get remoteAddress(): string | undefined {
    return this.#facts.remoteAddress;
  }

  get maxFrameBytes(): number {
    return this.#limits.maxPayload;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  get silentFor(): number {
    return performance.now() - this.#heardAt;
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    if (this.#events !== undefined) this.#ws.resume();
  }

  ping(): void {
    this.#pings ??= [];
    if (!this.#writable || this.#pings.length >= maxUnansweredPings) return;
    // Nobody can answer what he has not read.
    const payload = randomBytes(6).toString('base64');
    this.#pings.push(payload);
    this.#ws.ping(payload, undefined, this.#onWritten);
  }

  start(events: LinkEvents): void {
    if (this.#events !== undefined) throw new TransportError('E_STARTED', 'a link is started only once');
    this.#events = events;
    this.#flushSoon();
    this.#ws.resume();
  }

  send(frames: readonly Uint8Array[]): void {
    if (frames.length === 0 || !this.#writable) return;
    if (this.#facts.masks) this.#sendMasked(frames);
    // Without compression `ws` queues nothing, so that this falls in between what it writes itself.
    else this.#socket.write(binaryMessages(frames), this.#onWritten);
    this.#owesDrain ||= this.#ws.bufferedAmount > 0;
  }

  close(code: number, reason: string): void {
    const fitting = checkClose(code, reason);
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#ws.close(code, fitting);
    // The confirmation has to be read even if the owner had stopped reading.
    this.#ws.resume();
  }

  terminate(): void {
    this.#state = 'terminated';
    this.#ws.terminate();
  }

  get #writable(): boolean {
    return this.#state === 'open' && this.#ws.readyState === this.#ws.OPEN;
  }

  #sendMasked(frames: readonly Uint8Array[]): void {
    const last = frames.length - 1;
    // One system call for the whole batch instead of one for each frame.
    this.#socket.cork();
    for (let i = 0; i < last; i++) this.#ws.send(frames[i]!);
    this.#ws.send(frames[last]!, this.#onWritten);
    this.#socket.uncork();
  }

  readonly #onWritten = (): void => {
    if (!this.#owesDrain || this.#state !== 'open' || this.#ws.bufferedAmount > 0) return;
    this.#owesDrain = false;
    this.#events?.drain();
  };

  /** `ws` answers pings itself: what was written before such a pong may find it in the buffer, and then nobody would tell the drain. */
  #onPing(): void {
    if (this.#owesDrain) this.#socket.write(nothing, this.#onWritten);
    this.#countControlFrame();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#state !== 'open') {
      this.#lateMessages++;
      if (this.#lateMessages > maxLateMessages) this.#ws.terminate();
    } else if (isBinary) {
      this.#inbox.push(plainBytes(data));
      if (this.#inbox.length < maxBatch) this.#flushSoon();
      else this.#flush();
    } else {
      // Told between what came before it and what comes after it.
      this.#flush();
      this.#texts++;
      this.#flush();
    }
  }

  /** `ws` emits all messages of one read in one turn: they become one batch at its end. */
  #flushSoon(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    queueMicrotask(() => {
      this.#flushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    const events = this.#events;
    if (events === undefined) return;
    if (this.#state === 'open' && this.#inbox.length > 0) {
      const frames = ownBytes(this.#inbox);
      this.#inbox = [];
      events.frames(frames);
    }
    for (; this.#state === 'open' && this.#texts > 0; this.#texts--) events.text();
    if (this.#ending === undefined) return;
    const ending = this.#ending;
    this.#ending = undefined;
    events.close(ending);
  }

  /** A peer may answer only the last of several pings (RFC 6455 section 5.5.3), and send pongs that answer none. */
  #onPong(payload: Buffer): void {
    // Frames that came before the pong are told before it.
    this.#flush();
    const answered = this.#pings?.indexOf(payload.toString('latin1')) ?? -1;
    if (answered === -1) return this.#countControlFrame();
    this.#pings?.splice(0, answered + 1);
    for (let n = 0; n <= answered && this.#state === 'open'; n++) this.#events?.pong();
  }

  /** RFC 6455 section 5.5 allows them at any time; a flood of them would keep us from everybody else. */
  #countControlFrame(): void {
    const now = performance.now();
    const { bytesRead } = this.#socket;
    if (now - this.#controlFramesSince >= 1_000) {
      this.#controlFramesSince = now;
      this.#controlFrames = 0;
      this.#bytesBeforeControlFrames = bytesRead;
    }
    this.#controlFrames++;
    const allowed = maxControlFrames + (bytesRead - this.#bytesBeforeControlFrames) / bytesPerControlFrame;
    if (this.#controlFrames > allowed) this.terminate();
  }

  #onViolation(error: Error): void {
    this.#cause ??= error;
    this.#violation = closeCodeOf(error);
  }

  #onClose(code: number, reason: string): void {
    clearTimeout(this.#halfOpenTimer);
    const told = this.#state === 'terminated' ? 1006 : (this.#violation ?? code);
    const cause = this.#state === 'terminated' ? undefined : this.#cause;
    const violation = this.#state !== 'terminated' && this.#violation !== undefined;
    this.#ending = {
      code: told,
      reason: told === code ? reason : '',
      ...(violation && { violation }),
      ...(cause && { cause }),
    };
    this.#flushSoon();
  }
}

/**
 * A plain view, because `slice` of a Buffer shares its bytes, which nobody expects of a Uint8Array. It need not be
 * a copy because of `ws`, which cuts messages out of chunks that it does not use again.
 */
function plainBytes(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The code with which `ws` answers a peer that breaks the rules of WebSocket; it tells it only by name. */
function closeCodeOf(error: Error): number | undefined {
  const name = 'code' in error ? error.code : undefined;
  switch (name) {
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return 1009;
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return 1008;
    case 'WS_ERR_INVALID_UTF8':
      return 1007;
    default:
      return typeof name === 'string' && name.startsWith('WS_ERR_') ? 1002 : undefined;
  }
}
