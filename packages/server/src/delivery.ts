import type { LogChunk, LogEntry, ReadLimit, ServerStore } from '@sealwire/store';
import type { Turn, Turns } from './turns.js';

/** What a delivery does for its session. */
export interface DeliveryPort {
  /** Does the link take another batch? If not, `wake` is called when it does. */
  takesMessages(): boolean;
  send(entries: readonly LogEntry[]): void;
  /** What lay between the cursor and the oldest kept message is gone. */
  historyGone(removedUpTo: bigint): void;
  /** The cursor is ahead of everything that was ever published. */
  aheadOfServer(head: bigint): void;
  failed(error: unknown): void;
}

/**
 * A cursor on a client's log, moved as fast as the link drains. Resuming and live are the same: one chunk a turn to the
 * end, again at each wake. Nothing is read ahead, so a slow client costs one batch.
 */
export class Delivery implements Turn {
  readonly #store: ServerStore;
  readonly #clientId: string;
  readonly #limit: ReadLimit;
  readonly #turns: Turns;
  readonly #port: DeliveryPort;
  #cursor: bigint;
  /** Until the first read of a client that asks for all that is kept: it misses nothing, wherever that begins. */
  #fromOldest: boolean;
  /** A turn is to come, or a read is on its way. */
  #busy = false;
  #again = false;
  /** Read by a store that takes its time, to be sent in the next turn. */
  #chunk: LogChunk | undefined;
  #stopped = false;

  constructor(
    store: ServerStore,
    clientId: string,
    lastSeenOrder: bigint,
    limit: ReadLimit,
    turns: Turns,
    port: DeliveryPort,
  ) {
    this.#store = store;
    this.#clientId = clientId;
    this.#limit = limit;
    this.#turns = turns;
    this.#port = port;
    this.#fromOldest = lastSeenOrder <= 0n;
    this.#cursor = this.#fromOldest ? 0n : lastSeenOrder;
  }

  /** There may be something to send, or room for it. */
  wake(): void {
    this.#again = true;
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    this.#turns.queue(this);
  }

  stop(): void {
    this.#stopped = true;
  }

  takeTurn(): void {
    if (this.#stopped) return;
    try {
      const chunk = this.#chunk ?? this.#read();
      this.#chunk = undefined;
      if (chunk !== undefined) this.#send(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The next chunk, if the link takes one and the store has it at hand. */
  #read(): LogChunk | undefined {
    if (!this.#port.takesMessages()) {
      this.#busy = false;
      return undefined;
    }
    this.#again = false;
    const answer = this.#store.readLog(this.#clientId, this.#cursor, this.#limit);
    if (!('then' in answer)) return answer;
    answer.then(
      (chunk) => {
        this.#chunk = chunk;
        this.#turns.queue(this);
      },
      (error) => this.#fail(error),
    );
    return undefined;
  }

  #send({ entries, removedUpTo, head }: LogChunk): void {
    if (this.#cursor > head) return this.#port.aheadOfServer(head);
    if (this.#cursor < removedUpTo && !this.#fromOldest) return this.#port.historyGone(removedUpTo);
    this.#fromOldest = false;
    const last = entries.at(-1)?.order;
    this.#cursor = last ?? head;
    if (last !== undefined) this.#port.send(entries);
    // What came after this read has woken us, so that the end need not be read to be found.
    if (this.#again || (last !== undefined && last < head)) this.#turns.queue(this);
    else this.#busy = false;
  }

  #fail(error: unknown): void {
    if (!this.#stopped) this.#port.failed(error);
  }
}
