import { once } from 'node:events';
import { type Socket, connect as tcpConnect } from 'node:net';
import { fairNow } from './fair-clock.js';
import { type Frame, FrameReader } from './websocket.js';

/** What came over a raw socket; `at` on the monotonic clock, `fairAt` on that of the process. */
export type Arrival = { readonly at: number; readonly fairAt: number } & (
  | { readonly kind: 'head'; readonly head: string }
  | ({ readonly kind: 'frame' } & Frame)
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' }
);

type Bare<T> = T extends unknown ? Omit<T, 'at' | 'fairAt'> : never;

const maxHead = 16_384;

/** A TCP connection that reads an HTTP head and then WebSocket frames, and writes whatever bytes it is told to. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #onArrival: (arrival: Arrival) => void;
  #head: Buffer | undefined = Buffer.alloc(0);
  #open = false;

  /** @param reads whose bytes come in: a server's are not masked */
  constructor(socket: Socket, reads: 'server' | 'client', onArrival: (arrival: Arrival) => void) {
    this.#socket = socket;
    this.#reader = new FrameReader(reads === 'client');
    this.#onArrival = onArrival;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#tell({ kind: 'end' }));
    socket.on('error', () => this.#tell({ kind: 'reset' }));
  }

  static async connect(port: number, onArrival: (arrival: Arrival) => void): Promise<RawSocket> {
    const socket = tcpConnect({ host: '127.0.0.1', port, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawSocket(socket, 'server', onArrival);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#socket.writable) return;
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  fin(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #receive(chunk: Buffer): void {
    if (this.#head === undefined) return this.#frames(chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.#head.length > maxHead) this.#tell({ kind: 'broken', why: 'the HTTP head has no end' });
      return;
    }
    const rest = this.#head.subarray(end + 4);
    const head = this.#head.subarray(0, end).toString('latin1');
    this.#tell({ kind: 'head', head });
    this.#head = undefined;
    // The body of an HTTP error is no frame.
    this.#open = !head.startsWith('HTTP/') || head.startsWith('HTTP/1.1 101');
    if (rest.length > 0) this.#frames(rest);
  }

  #frames(chunk: Buffer): void {
    if (!this.#open) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#tell({ kind: 'frame', ...frame });
    } catch (error) {
      this.#tell({ kind: 'broken', why: error instanceof Error ? error.message : String(error) });
    }
  }

  #tell(arrival: Bare<Arrival>): void {
    this.#onArrival({ ...arrival, at: performance.now(), fairAt: fairNow() });
  }
}
