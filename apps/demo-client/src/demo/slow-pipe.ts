import type { Socket } from 'node:net';

export type Direction = 'to server' | 'to client';

/** Reading stops above this, so that a fast side cannot fill the memory while the other is slow. */
const maxHeld = 1_048_576;

/** One direction of a connection: bytes come out as they went in, some milliseconds later. */
export class SlowPipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #chunks: Buffer[] = [];
  #held = 0;
  #total = 0;
  #stopped = false;

  /** @param moved bytes went in */
  constructor(from: Socket, to: Socket, latency: number, moved: () => void) {
    this.#from = from;
    this.#to = to;
    from.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#held += chunk.length;
      this.#total += chunk.length;
      if (this.#held + to.writableLength > maxHeld) from.pause();
      // Timers of one duration fire in the order in which they were set.
      setTimeout(() => this.#deliver(), latency);
      moved();
    });
    to.on('drain', () => from.resume());
  }

  /** Bytes that went in and have not come out. */
  get held(): number {
    return this.#held;
  }

  /** Bytes that went in. */
  get total(): number {
    return this.#total;
  }

  /** Lets a share of the oldest chunk out at once: a frame is torn in its middle. */
  deliverShare(share: number): void {
    const chunk = this.#chunks[0];
    if (chunk !== undefined) this.#write(chunk.subarray(0, Math.floor(chunk.length * share)));
  }

  /** Lets out at once what is missing up to this many bytes since the beginning. */
  deliverUpTo(bytes: number): void {
    const missing = bytes - (this.#total - this.#held);
    if (missing > 0) this.#write(Buffer.concat(this.#chunks).subarray(0, missing));
  }

  stop(): void {
    this.#stopped = true;
  }

  #deliver(): void {
    const chunk = this.#chunks.shift();
    if (chunk === undefined || this.#stopped) return;
    this.#write(chunk);
    if (this.#from.isPaused() && this.#held + this.#to.writableLength <= maxHeld) this.#from.resume();
  }

  #write(bytes: Buffer): void {
    this.#held -= bytes.length;
    if (this.#to.writable) this.#to.write(bytes);
  }
}
