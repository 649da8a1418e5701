import { type Trade, trade } from './payload.js';
import { now, turn } from './time.js';

/** What a server of the comparisons pushes, as fast as it can, to clients that do nothing but read. */
export interface PushPlan {
  readonly clients: number;
  /** Milliseconds; the round that has begun is finished. */
  readonly ms: number;
  /** Messages that are sent even if they take longer. Default 0. */
  readonly least?: number;
  /** Messages that one client gets before it is the turn of the next. */
  readonly burst: number;
  /** Each message goes to all clients at once. */
  readonly together?: boolean;
}

export interface Pushed {
  readonly beganAt: number;
  /** Messages, counted at the receivers. */
  readonly count: number;
}

/** How one server sends. */
export interface Pusher {
  /** @param client its index, or undefined for all */
  send(payload: Trade, client: number | undefined): void;
  /** Resolves when little enough of what was sent is still waiting. */
  room(): Promise<void> | undefined;
}

/** Numbers what a server pushes, the same way for all of them. */
export class PushLoop {
  #next = 0;

  async run({ clients, ms, least = 0, burst, together = false }: PushPlan, pusher: Pusher): Promise<Pushed> {
    const beganAt = now();
    const first = this.#next;
    for (let last = false; !last; ) {
      const sent = (this.#next + burst - first) * clients;
      last = now() >= beganAt + ms && sent >= least;
      for (let client = 0; client < (together ? 1 : clients); client++) {
        for (let n = this.#next; n < this.#next + burst; n++) {
          const ends = last && n === this.#next + burst - 1 ? 1 : 0;
          pusher.send(trade(n, ends), together ? undefined : client);
        }
        // Others may have something to do, too.
        await turn();
        await pusher.room();
      }
      this.#next += burst;
    }
    return { beganAt, count: (this.#next - first) * clients };
  }
}
