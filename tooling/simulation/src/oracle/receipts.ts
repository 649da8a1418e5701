import type { SimDatabase } from '@sealwire/testing';
import type { Effects } from './effects.js';
import type { Journal } from './journal.js';

/** What one process of a client was handed. */
export interface ReceiptLine {
  /** The last ORDER that was handed over; undefined: none yet. */
  last: bigint | undefined;
  /** The application was told of a gap, or asked for all that is kept: what is removed may be missing. */
  gap: boolean;
}

/** What the handlers of one client saw, over all of its processes: I4. */
export class Receipts {
  readonly #clientId: string;
  readonly #journal: Journal;
  readonly #effects: Effects;
  readonly #database: SimDatabase;
  #highestHanded = 0n;
  #highestHandled = 0n;
  /** A new process reads on behind this: what is before was handled, or was removed before it could be handed over. */
  #behind = 0n;
  /** Nothing was handed over since the beginning, or since the application chose the oldest that is kept. */
  #anywhere = true;

  constructor(clientId: string, journal: Journal, effects: Effects, database: SimDatabase) {
    this.#clientId = clientId;
    this.#journal = journal;
    this.#effects = effects;
    this.#database = database;
  }

  /** A new process starts: what is removed may be missing before its first message only where it has no position. */
  begin(): ReceiptLine {
    return { last: undefined, gap: this.#anywhere };
  }

  /** The application was told of a gap, and goes on with the oldest that is kept. */
  choseOldest(line: ReceiptLine): void {
    this.#anywhere = true;
    line.last = undefined;
    line.gap = true;
  }

  /** The highest ORDER whose handler has come to its end. */
  get handled(): bigint {
    return this.#highestHandled;
  }

  /** Has everything that was published been handled? */
  get complete(): boolean {
    return this.#highestHandled >= (this.#effects.of(this.#clientId).published.at(-1)?.order ?? 0n);
  }

  /** A message is handed to the handler of one process; `newest`: no later process has been started. */
  handed(line: ReceiptLine, order: bigint, id: unknown, possiblyHandled: boolean, newest: boolean): void {
    const { published, places } = this.#effects.of(this.#clientId);
    this.#journal.note(
      `${this.#clientId}: handed ORDER ${order}${possiblyHandled ? ', possibly again' : ''}`,
    );
    const index = places.get(order);
    if (index === undefined) return this.#wrong(`ORDER ${order} was handed over and is not on the disk`);
    if (published[index]?.id !== id)
      return this.#wrong(`ORDER ${order} came with the payload of another message`);
    if (line.last !== undefined && order <= line.last) {
      return this.#wrong(`ORDER ${order} came after ${line.last}`);
    }
    const from = line.last ?? this.#behind;
    const missing = published[index - 1]?.order;
    if (missing !== undefined && missing > from) {
      const gone = line.gap && missing <= this.#database.record(this.#clientId).removedUpTo;
      if (!gone) return this.#wrong(`ORDER ${missing} was left out before ${order}`);
      if (missing > this.#behind) this.#behind = missing;
    }
    if (newest && order <= this.#highestHanded && !possiblyHandled) {
      return this.#wrong(`ORDER ${order} came again without being marked`);
    }
    line.last = order;
    line.gap = false;
    // A process that was replaced may still be handed what it had; the choice of its successor stands.
    if (newest) this.#anywhere = false;
    if (order > this.#highestHanded) this.#highestHanded = order;
  }

  finished(order: bigint): void {
    if (order > this.#highestHandled) this.#highestHandled = order;
    if (order > this.#behind) this.#behind = order;
  }

  #wrong(words: string): void {
    this.#journal.violated('I4', `${this.#clientId}: ${words}`);
  }
}
