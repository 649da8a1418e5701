import type { LogChunk, LogEntry, ReadLimit } from '@sealwire/store';
import type { LogRows, RowBuffer } from './rows.js';

/** What a piece counts beside its rows. */
const PIECE_COST = 256;

/** Messages of one client that were flushed together. */
interface Piece {
  readonly clientId: string;
  /** ORDER of the first and of the last. */
  readonly first: bigint;
  readonly last: bigint;
  readonly rows: LogRows;
  readonly size: number;
}

/**
 * The newest messages of clients whose log somebody watches, between their flush and that reader, so that what was just
 * written need not be looked for on the disk. A log has one reader, its session: what was read is forgotten, and what
 * is too much in all goes from the oldest on. What is not here is on the disk.
 */
export class Tails {
  readonly #maxBytes: number;
  readonly #tails = new Map<string, Piece[]>();
  /** Of all clients, the oldest first. */
  readonly #pieces = new Set<Piece>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param rows where flushed rows of messages begin in the buffer, one ORDER after the other up to `head` */
  add(clientId: string, head: bigint, buffer: RowBuffer, rows: readonly number[]): void {
    const size = buffer.lengthOf(rows) + PIECE_COST;
    if (size > this.#maxBytes) return;
    const copy = buffer.copy(rows);
    const first = head - BigInt(copy.count) + 1n;
    const tail = this.#tails.get(clientId) ?? [];
    if (tail.at(-1)?.last !== first - 1n) for (const piece of tail.splice(0)) this.#forget(piece);
    const piece: Piece = { clientId, first, last: head, rows: copy, size };
    this.#tails.set(clientId, tail);
    tail.push(piece);
    this.#pieces.add(piece);
    this.#bytes += size;
    for (const oldest of this.#pieces) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#shift(oldest.clientId);
    }
  }

  /** undefined: it is not all here. Of the log as it is flushed, which is given. */
  read(
    clientId: string,
    after: bigint,
    { removedUpTo, head }: Omit<LogChunk, 'entries'>,
    limit: ReadLimit,
  ): LogChunk | undefined {
    const tail = this.#tails.get(clientId);
    const first = (after > removedUpTo ? after : removedUpTo) + 1n;
    while (tail?.[0] !== undefined && tail[0].last < first) this.#shift(clientId);
    if (tail?.[0] === undefined || tail[0].first > first) return undefined;
    const entries: LogEntry[] = [];
    let room = limit.bytes;
    for (let piece = tail[0], order = first; ; piece = tail[0]) {
      for (let index = Number(order - piece.first); order <= piece.last; index++, order++) {
        const entry = piece.rows.entry(index, order);
        room -= entry.json.byteLength;
        if (entries.length === limit.count || (room < 0 && entries.length > 0)) {
          return { entries, removedUpTo, head };
        }
        entries.push(entry);
      }
      this.#shift(clientId);
      if (tail[0] === undefined) return { entries, removedUpTo, head };
    }
  }

  #shift(clientId: string): void {
    const tail = this.#tails.get(clientId);
    const piece = tail?.shift();
    if (piece === undefined) return;
    this.#forget(piece);
    if (tail?.length === 0) this.#tails.delete(clientId);
  }

  #forget(piece: Piece): void {
    this.#pieces.delete(piece);
    this.#bytes -= piece.size;
  }
}
