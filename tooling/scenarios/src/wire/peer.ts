import type { ClientPart } from './client-part.js';
import { fairNow, worldNow } from './fair-clock.js';
import type { Arrival, RawSocket } from './raw-socket.js';
import { describe, type Seen, type SeenFact } from './seen.js';
import type { ServerPart } from './server-part.js';
import { Watch } from './watch.js';
import { closePayload, encodeFrame, opcodes } from './websocket.js';

/** One connection of a script: what came, in order, and the part that the script plays on it. */
export class Peer<P extends ClientPart | ServerPart = ClientPart | ServerPart> {
  readonly part: P;
  /** A well-behaved peer answers pings and closes by itself. */
  readonly answers = { pings: true, closes: true };
  socket: RawSocket | undefined;
  /** No close of the other side is owed any more. */
  over = false;
  destroyed = false;
  /** The WebSocket was opened. */
  upgraded = false;
  lastActAt = performance.now();
  #together: Uint8Array[] | undefined;
  readonly #seen: Seen[] = [];
  #roundTrips = 0;
  #closedWith: number | undefined;
  #beating: NodeJS.Timeout | undefined;
  readonly #changes = new Watch();

  constructor(part: P) {
    this.part = part;
  }

  readonly arrive = (arrival: Arrival): void => {
    const seen = { ...this.#read(arrival), at: arrival.at, fairAt: arrival.fairAt };
    this.#seen.push(seen);
    if (seen.kind === 'ping' && this.answers.pings) this.#reply(opcodes.pong, Buffer.from(seen.text));
    if (seen.kind === 'close' && this.answers.closes && !this.over) {
      this.over = true;
      this.#reply(opcodes.close, seen.code === 1005 ? Buffer.alloc(0) : closePayload(seen.code, ''));
    }
    // After both closes the server is the first to end the connection (RFC 6455, section 7.1.1).
    if (seen.kind === 'close' && this.answers.closes && this.part.role === 'server') this.socket?.fin();
    if (seen.kind === 'http' && seen.status === '101') this.upgraded = true;
    if (seen.kind === 'hello') this.upgraded = true;
    if (seen.kind === 'end' || seen.kind === 'reset') this.over = true;
    if (seen.kind === 'end' && this.answers.closes) this.socket?.fin();
    this.#changes.changed();
  };

  /** What comes next, or undefined if nothing came until `deadline` on the clock of the process. */
  async next(deadline: number): Promise<Seen | undefined> {
    const first = await this.#changes.until(deadline - fairNow(), () => this.#seen[0]);
    // It is late even where this process was too busy to look in time.
    if (first === undefined || first.fairAt > deadline) return undefined;
    return this.#seen.shift();
  }

  /** What comes within so many milliseconds of the world's time, in which the deadlines of the other side run. */
  async nextWithin(duration: number): Promise<Seen | undefined> {
    const deadline = performance.now() + duration;
    const first = await this.#changes.until(duration, () => this.#seen[0], worldNow);
    if (first === undefined || first.at > deadline) return undefined;
    return this.#seen.shift();
  }

  /** Reads on until the other side has closed, by a close frame or without. */
  async gone(within: number): Promise<boolean> {
    const gone = () =>
      this.over || this.#seen.some(({ kind }) => kind === 'end' || kind === 'reset') || undefined;
    return (await this.#changes.until(within, gone)) ?? false;
  }

  /** A ping that comes back: the other side has read everything that was sent before. */
  async roundTrip(within: number): Promise<void> {
    if (this.over || this.destroyed || !this.upgraded) return;
    const token = `round trip ${++this.#roundTrips}`;
    await this.send(Buffer.from(token), opcodes.ping);
    const back = () =>
      this.over || this.#seen.some((seen) => seen.kind === 'pong' && seen.text === token) || undefined;
    await this.#changes.until(within, back);
  }

  /** Takes out what is no surprise. */
  forgive(known: (seen: Seen) => boolean): void {
    const kept = this.#seen.filter((seen) => !known(seen));
    this.#seen.splice(0, this.#seen.length, ...kept);
  }

  /** Reads on until the connection has ended; what came stays to be looked at. */
  async ended(within: number): Promise<boolean> {
    const ends = () => (this.#seen.some(({ kind }) => kind === 'end' || kind === 'reset') ? true : undefined);
    return (await this.#changes.until(within, ends)) ?? false;
  }

  /** One WebSocket message. */
  async send(payload: Uint8Array, opcode: number = opcodes.binary): Promise<void> {
    await this.write(this.#frame(opcode, payload));
  }

  /** Holds up the whole process after the bytes have left it: they lie unread in the socket of the other side. */
  sendAndStall(payload: Uint8Array, duration: number): void {
    this.lastActAt = performance.now();
    void this.#open().write(this.#frame(opcodes.binary, payload));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.lastActAt = performance.now();
    if (this.#together !== undefined) this.#together.push(bytes);
    else await this.#open().write(bytes);
  }

  /** Each piece is a write of its own. */
  async writeInPieces(bytes: Uint8Array, size: number = bytes.length): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) await this.write(bytes.subarray(at, at + size));
  }

  /** What is written meanwhile leaves in one write. */
  async together(work: () => Promise<void>): Promise<void> {
    this.#together = [];
    await work();
    const parts = this.#together;
    this.#together = undefined;
    await this.write(Buffer.concat(parts));
  }

  async close(code: number, reason: string): Promise<void> {
    this.over = true;
    this.#closedWith = code;
    await this.send(closePayload(code, reason), opcodes.close);
  }

  fin(): void {
    this.#act().fin();
  }

  reset(): void {
    this.over = true;
    this.destroyed = true;
    this.#act().reset();
  }

  reading(on: boolean): void {
    if (on) this.#open().resume();
    else this.#open().pause();
  }

  /** Sends the bytes at once and then again and again, as a server does with heartbeats. */
  beat(bytes: Uint8Array, interval: number): void {
    clearInterval(this.#beating);
    const frame = this.#frame(opcodes.binary, bytes);
    this.#beating = setInterval(() => void (this.over || this.socket?.write(frame)), interval);
  }

  destroy(): void {
    clearInterval(this.#beating);
    this.socket?.destroy();
  }

  #act(): RawSocket {
    this.lastActAt = performance.now();
    return this.#open();
  }

  #open(): RawSocket {
    if (this.socket === undefined) throw new Error('there is no connection yet');
    return this.socket;
  }

  #reply(opcode: number, payload: Uint8Array): void {
    void this.socket?.write(this.#frame(opcode, payload));
  }

  #frame(opcode: number, payload: Uint8Array): Uint8Array {
    return encodeFrame({ opcode, masked: this.part.role === 'client', payload });
  }

  #read(arrival: Arrival): SeenFact {
    switch (arrival.kind) {
      case 'head':
        return {
          kind: 'http',
          status: /^HTTP\/1\.1 (\d+)/.exec(arrival.head)?.[1] ?? 'request',
          head: arrival.head,
        };
      case 'frame':
        return this.#readFrame(arrival.opcode, arrival.payload);
      default:
        return arrival;
    }
  }

  #readFrame(opcode: number, payload: Buffer): SeenFact {
    switch (opcode) {
      case opcodes.binary:
        try {
          return this.part.read(payload);
        } catch (error) {
          return { kind: 'broken', why: error instanceof Error ? error.message : String(error) };
        }
      case opcodes.close:
        if (payload.length === 0) return { kind: 'close', code: 1005, reason: '' };
        return { kind: 'close', code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
      case opcodes.text:
        return { kind: 'text', text: payload.toString() };
      case opcodes.ping:
        return { kind: 'ping', text: payload.toString('latin1') };
      case opcodes.pong:
        return { kind: 'pong', text: payload.toString('latin1') };
      default:
        return { kind: 'broken', why: `opcode ${opcode}` };
    }
  }

  /** What came and was not looked at; the confirmation of a close and the ends of a connection are no surprise. */
  leftover(noise: ReadonlySet<Seen['kind']>): readonly string[] {
    return this.#seen
      .filter((seen) => !noise.has(seen.kind) && seen.kind !== 'end' && seen.kind !== 'reset')
      .filter((seen) => seen.kind !== 'close' || seen.code !== this.#closedWith)
      .map(describe);
  }
}
