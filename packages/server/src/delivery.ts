import type { LogEntry, ReadLimit, ServerStore } from '@sealwire/store';
import type { Turns } from './turns.js';

/** What a delivery does for its session. */
export interface DeliveryPort {
  /** Does the link take another batch? If not, `wake` is called when it does. */
  hasRoom(): boolean;
  send(entries: readonly LogEntry[]): void;
  /** What lay between the cursor and the oldest kept message is gone. */
  historyGone(removedUpTo: bigint): void;
  /** The cursor is ahead of everything that was ever published. */
  aheadOfServer(head: bigint): void;
  failed(error: unknown): void;
}

/**
 * A cursor on a client's log, moved as fast as the link drains. Resuming and live are the same: reading to the end,
 * again at each wake. Nothing is read ahead, so a slow client costs one batch.
 */
export class Delivery {
  readonly #store: ServerStore;
  readonly #clientId: string;
  readonly #limit: ReadLimit;
  readonly #turns: Turns;
  readonly #port: DeliveryPort;
  #cursor: bigint;
  /** Until the first read of a client that asks for all that is kept: it misses nothing, wherever that begins. */
  #fromOldest: boolean;
  #running = false;
  #again = false;
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
    if (this.#running || this.#stopped) return;
    this.#running = true;
    void this.#pump();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #pump(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#readToEnd();
      }
    } catch (error) {
      if (!this.#stopped) this.#port.failed(error);
    } finally {
      this.#running = false;
    }
  }

  async #readToEnd(): Promise<void> {
    while (!this.#stopped && this.#port.hasRoom()) {
      const { entries, removedUpTo, head } = await this.#store.readLog(
        this.#clientId,
        this.#cursor,
        this.#limit,
      );
      if (this.#stopped) return;
      if (this.#cursor > head) return this.#port.aheadOfServer(head);
      if (this.#cursor < removedUpTo && !this.#fromOldest) return this.#port.historyGone(removedUpTo);
      this.#fromOldest = false;
      const last = entries.at(-1);
      this.#cursor = last?.order ?? head;
      if (last === undefined) return;
      await this.#turns.run(() => {
        if (!this.#stopped) this.#port.send(entries);
      });
      // What came after this read has woken us, so that the end need not be read to be found.
      if (last.order >= head) return;
    }
  }
}
