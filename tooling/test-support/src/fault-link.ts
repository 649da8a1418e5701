import type { Socket } from 'node:net';
import { OneWay, type OneWayOptions, type OneWayPort } from './one-way.js';
import { reset } from './reset.js';

export type Way = 'toServer' | 'toClient';

/**
 * `reset`: with a TCP reset. `end`: with an end of the stream and without a word of the protocol; a side whose bytes
 * nobody has read sees a reset here as well, as TCP has it.
 */
export type CutKind = 'reset' | 'end';

interface PlannedCut {
  readonly way: Way | 'both';
  readonly kind: CutKind;
  /** Bytes that may still come out. */
  left: number;
}

/** One connection through the proxy, and what may be done to it. */
export class FaultLink {
  /** 1 for the first link of the proxy. */
  readonly number: number;
  readonly #sockets: readonly [Socket, Socket];
  readonly #ways: Readonly<Record<Way, OneWay>>;
  readonly #onCut: () => void;
  #plannedCut: PlannedCut | undefined;
  #open = true;

  constructor(
    number: number,
    client: Socket,
    server: Socket,
    options: Readonly<Record<Way, OneWayOptions>>,
    events: { moved(link: FaultLink): void; cut(): void; closed(link: FaultLink): void },
  ) {
    this.number = number;
    this.#sockets = [client, server];
    const port = (way: Way): OneWayPort => ({
      moved: () => events.moved(this),
      allowance: () => this.#allowance(way),
      delivered: (count) => this.#delivered(way, count),
    });
    this.#ways = {
      toServer: new OneWay(client, server, options.toServer, port('toServer')),
      toClient: new OneWay(server, client, options.toClient, port('toClient')),
    };
    this.#onCut = () => events.cut();
    let alive = 2;
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.once('close', () => {
        alive -= 1;
        if (alive > 0) return;
        this.#stop();
        events.closed(this);
      });
    }
  }

  get open(): boolean {
    return this.#open;
  }

  /** Bytes that went in and have not come out. */
  held(way: Way): number {
    return this.#ways[way].held;
  }

  /** Bytes that have come out. */
  delivered(way: Way): number {
    return this.#ways[way].delivered;
  }

  /** Ends the link now; what is on its way is lost. */
  cut(kind: CutKind = 'reset'): void {
    if (!this.#open) return;
    this.#stop();
    this.#onCut();
    for (const socket of this.#sockets) {
      if (kind === 'reset') reset(socket);
      else socket.destroySoon();
    }
  }

  /** Ends the link when exactly so many bytes have come out from now on, in one direction or counted together. */
  cutAfter(bytes: number, way: Way | 'both' = 'both', kind: CutKind = 'reset'): void {
    if (bytes <= 0) this.cut(kind);
    else this.#plannedCut = { way, kind, left: bytes };
  }

  /** A black hole: nothing comes out and nothing is read, not even an end, until `heal`. */
  stall(way: Way | 'both' = 'both'): void {
    for (const one of this.#pick(way)) one.stall();
  }

  heal(way: Way | 'both' = 'both'): void {
    for (const one of this.#pick(way)) one.heal();
  }

  /** A FIN one way; the other way goes on. */
  halfClose(way: Way): void {
    this.#ways[way].halfClose();
  }

  /** Lets the oldest bytes out before they are due. */
  release(way: Way, bytes: number): void {
    this.#ways[way].release(bytes);
  }

  /** Length of the oldest piece on its way, as its sender's system handed it over. */
  oldestLength(way: Way): number {
    return this.#ways[way].oldestLength;
  }

  #pick(way: Way | 'both'): OneWay[] {
    return way === 'both' ? [this.#ways.toServer, this.#ways.toClient] : [this.#ways[way]];
  }

  #allowance(way: Way): number {
    const cut = this.#plannedCut;
    return cut !== undefined && (cut.way === way || cut.way === 'both') ? cut.left : Number.POSITIVE_INFINITY;
  }

  #delivered(way: Way, count: number): void {
    const cut = this.#plannedCut;
    if (cut === undefined || (cut.way !== way && cut.way !== 'both')) return;
    cut.left -= count;
    if (cut.left <= 0) this.cut(cut.kind);
  }

  #stop(): void {
    this.#open = false;
    for (const way of Object.values(this.#ways)) way.stop();
  }
}
