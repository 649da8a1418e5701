import type { Socket } from 'node:net';
import { reset } from './reset.js';

export interface OneWayOptions {
  /** Milliseconds that bytes are on their way. */
  readonly latency: number;
  /** Most bytes that are handed over at once. */
  readonly chunk: number;
  /** With so many bytes on their way, or not taken by the far side, reading stops. */
  readonly maxHeld: number;
}

/** What the link that has two of these wants to know. */
export interface OneWayPort {
  /** Bytes came in. */
  moved(): void;
  /** How many more bytes may come out; asked before each writing. */
  allowance(): number;
  /** So many have come out, and the far side's system has them. */
  delivered(count: number): void;
}

/** `end` is a FIN, `reset` a RST. They travel behind the bytes before them, and a stall holds them as well. */
type Mark = 'end' | 'reset';

interface Held {
  readonly what: Buffer | Mark;
  readonly due: number;
}

/** One direction of a link: what goes in comes out in the same order, later, in pieces, or not at all. */
export class OneWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #options: OneWayOptions;
  readonly #port: OneWayPort;
  #queue: Held[] = [];
  #held = 0;
  #delivered = 0;
  #stalled = false;
  #writing = false;
  #ended = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, options: OneWayOptions, port: OneWayPort) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#port = port;
    from.on('data', (bytes: Buffer) => {
      this.#enter(bytes);
      port.moved();
    });
    from.once('end', () => this.#enter('end'));
    from.once('error', () => this.#enter('reset'));
  }

  /** Bytes that went in and have not come out. */
  get held(): number {
    return this.#held + this.#to.writableLength;
  }

  /** Bytes that have come out. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Nothing more is read or comes out, so that the sender's TCP is pushed back, until `heal`. */
  stall(): void {
    this.#stalled = true;
    this.#from.pause();
  }

  heal(): void {
    this.#stalled = false;
    this.#resume();
    this.#pump();
  }

  /** Sends a FIN behind what is on its way; what comes in later is thrown away. */
  halfClose(): void {
    this.#enter('end');
  }

  /** Lets the oldest bytes out at once, before they are due: a frame may be torn in its middle. */
  release(count: number): void {
    let left = Math.min(count, this.#held);
    while (left > 0) {
      const first = this.#queue[0];
      if (first === undefined || typeof first.what === 'string') return;
      const bytes = first.what.subarray(0, left);
      left -= bytes.length;
      this.#leave(bytes.length);
      this.#to.write(bytes, () => this.#port.delivered(bytes.length));
    }
  }

  /** The oldest piece that went in and is still on its way. */
  get oldestLength(): number {
    const what = this.#queue[0]?.what;
    return what === undefined || typeof what === 'string' ? 0 : what.length;
  }

  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    clearTimeout(this.#timer);
  }

  #enter(what: Buffer | Mark): void {
    if (this.#stopped || (this.#ended && what !== 'reset')) return;
    if (what === 'end') this.#ended = true;
    this.#queue.push({ what, due: performance.now() + this.#options.latency });
    if (typeof what !== 'string') this.#held += what.length;
    if (this.#held >= this.#options.maxHeld) this.#from.pause();
    this.#pump();
  }

  #pump(): void {
    const first = this.#queue[0];
    if (first === undefined || this.#stopped || this.#stalled || this.#writing) return;
    const wait = first.due - performance.now();
    if (wait > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#pump(), Math.ceil(wait));
      return;
    }
    if (typeof first.what === 'string') {
      this.#queue.shift();
      if (first.what === 'end') this.#to.end();
      else reset(this.#to);
      return;
    }
    const bytes = first.what.subarray(0, Math.min(this.#options.chunk, this.#port.allowance()));
    if (bytes.length === 0) return;
    this.#leave(bytes.length);
    this.#writing = true;
    // The next piece waits until the system has this one: otherwise Node would put small ones together again.
    this.#to.write(bytes, () => {
      this.#writing = false;
      this.#port.delivered(bytes.length);
      this.#resume();
      // Small pieces in turns of their own, so that the far side can see them one by one.
      if (Number.isFinite(this.#options.chunk)) setImmediate(() => this.#pump());
      else this.#pump();
    });
  }

  #leave(count: number): void {
    const first = this.#queue[0];
    if (first === undefined || typeof first.what === 'string') return;
    if (first.what.length === count) this.#queue.shift();
    else this.#queue[0] = { what: first.what.subarray(count), due: first.due };
    this.#held -= count;
    this.#delivered += count;
  }

  #resume(): void {
    if (!this.#stalled && this.#held < this.#options.maxHeld) this.#from.resume();
  }
}
