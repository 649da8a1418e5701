import type { StoreError } from '@sealwire/store';
import type { Client, Position } from './clients.js';
import type { RowBuffer } from './rows.js';

/** What a batch does to one client. */
export interface Part {
  readonly client: Client;
  /** Where the client stands after this batch. */
  readonly position: Position;
  /** Where the rows of its new messages begin in the buffer, in ORDER. */
  readonly log: number[];
  /** These messages. */
  added: number;
  /** Bytes of their json. */
  addedBytes: number;
  readonly refusals: { readonly sequence: bigint; readonly row: number }[];
  /** Everything up to here goes, because an operator raised ORDER. */
  raisedTo: bigint;
}

/** What needs no room, and so may be staged once more where others found none. */
export interface Again {
  /** Stands on no other: it holds whether or not those before it are kept. */
  readonly alone: boolean;
  stage(batch: Batch): void;
}

const NOTHING = () => {};

/** One commit or claim. */
class Waiting {
  readonly again: Again | undefined;
  readonly flushed: Promise<readonly bigint[]>;
  readonly #orders: readonly bigint[];
  #resolve: (orders: readonly bigint[]) => void = NOTHING;
  #reject: (error: StoreError) => void = NOTHING;

  constructor(orders: readonly bigint[], again: Again | undefined) {
    this.again = again;
    this.#orders = orders;
    this.flushed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  succeed(): void {
    this.#resolve(this.#orders);
  }

  fail(error: StoreError): void {
    // Handled: who commits may watch one of its two promises only.
    this.flushed.catch(NOTHING);
    this.#reject(error);
  }
}

/** Commits that are written in one transaction. It takes more until it is handed to the writer. */
export class Batch {
  readonly rows: RowBuffer;
  /** Milliseconds since 1970: when its messages were added, as far as retention is concerned. */
  readonly at: number;
  readonly parts = new Map<Client, Part>();
  readonly ended: Promise<void>;
  /** Whether it needs more room on the disk than before. */
  grows = false;
  readonly #waiting: Waiting[] = [];
  #end = NOTHING;

  constructor(rows: RowBuffer, at: number) {
    this.rows = rows;
    this.at = at;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Commits in it. */
  get size(): number {
    return this.#waiting.length;
  }

  /** For a commit: from here on this batch's position is the client's newest. */
  touch(client: Client): Part {
    const known = this.parts.get(client);
    if (known !== undefined) return known;
    client.staged = { ...client.staged };
    return this.#add(client, client.staged);
  }

  /** For retention, which comes when later batches may have touched the client already. */
  touchSealed(client: Client): Part {
    return this.parts.get(client) ?? this.#add(client, client.sealed);
  }

  /** @param again for what adds nothing */
  join(orders: readonly bigint[], again?: Again): Promise<readonly bigint[]> {
    const waiting = new Waiting(orders, again);
    this.#waiting.push(waiting);
    return waiting.flushed;
  }

  /**
   * Takes over, from batches that found no room, what needs none and stands on nothing that is lost: all until the
   * first commit that adds, and behind it what stands alone. The rest of them fails.
   */
  salvage(failed: readonly Batch[], error: StoreError): void {
    let lost = false;
    for (const each of failed) {
      for (const waiting of each.#waiting.splice(0)) {
        const { again } = waiting;
        const kept = again !== undefined && (again.alone || !lost) && this.#restage(again, waiting);
        if (!kept) {
          lost = true;
          waiting.fail(error);
        }
      }
      // Whoever waits for all that is staged waits for these, too.
      void this.ended.then(each.#end);
    }
  }

  succeed(): void {
    for (const { client, position } of this.parts.values()) {
      client.flushed = position;
      // Retention has not looked at a later batch yet.
      client.removedUpTo = client.kept.removedUpTo;
      client.pins -= 1;
    }
    for (const waiting of this.#waiting) waiting.succeed();
    this.#end();
  }

  fail(error: StoreError): void {
    for (const waiting of this.#waiting) waiting.fail(error);
    this.#end();
  }

  /** False where a record that it needs is damaged. */
  #restage(again: Again, waiting: Waiting): boolean {
    try {
      again.stage(this);
    } catch {
      return false;
    }
    this.#waiting.push(waiting);
    return true;
  }

  #add(client: Client, position: Position): Part {
    client.pins += 1;
    const part: Part = { client, position, log: [], added: 0, addedBytes: 0, refusals: [], raisedTo: 0n };
    this.parts.set(client, part);
    return part;
  }
}
