/**
 * What a server must remember: per client the last SEQUENCE, the log of published messages and the owner of
 * the session; and whatever the application puts beside them.
 *
 * Nothing here assumes one process. Several server nodes may work on one store; the epoch decides between them.
 *
 * - *Client ids and keys* are any well-formed Unicode strings, the empty one included: `../a`, `__proto__` and
 *   NUL are names like any other, compared by code unit. A store must not use them as paths or as property
 *   names. Their sizes, and those of everything else, are in `STORE_LIMITS`.
 * - *Byte arrays handed in* belong to the store from the call on: do not write to them again, not even after
 *   a failure. They may be handed in several times (one JSON text for many clients).
 * - *Byte arrays and objects given out* are shared with other readers: do not change them.
 * - *Staged* means: its place in the order is fixed and it will be kept unless the flush fails. *Flushed*
 *   means: durable. Readers see flushed state only.
 */

export interface ClientRecord {
  /** SEQUENCE of the last consumed message; -1n: none yet. Never goes back. */
  readonly lastSequence: bigint;
  /** The highest ORDER ever given; 0n: none yet. Never goes back, not even when the log is empty again. */
  readonly head: bigint;
  /** The highest ORDER that retention removed; 0n: none. At most `head`. */
  readonly removedUpTo: bigint;
  /** The layout of the client's last verified frame, as the server named it in a commit. */
  readonly layout: string | undefined;
  /** The newest that `claim` gave, flushed or not; 0n: none yet. Never goes back while somebody lives who was given it. */
  readonly epoch: bigint;
}

/** Its epoch is larger than every one given for this client before. */
export type Claim = ClientRecord;

/** The epoch whose session is to be taken over, as `read` gave it, or whosever it is. */
export type ClaimOver = bigint | 'any';

export interface Publish {
  readonly clientId: string;
  readonly json: Uint8Array;
  /** Seconds since 1970 UTC, finite. Kept as it is; never used for ordering or retention. */
  readonly timestamp: number;
}

export interface Put {
  readonly key: string;
  /** null removes the key. */
  readonly value: Uint8Array | null;
}

/** One atomic step. All fields are optional; an empty commit is a barrier. */
export interface Commit {
  /** Whose session this belongs to. Required by `sequence` and `layout`. */
  readonly session?: { readonly clientId: string; readonly epoch: bigint };
  /** The SEQUENCE that this commit consumes: exactly `lastSequence + 1n` as staged, else E_SEQUENCE. */
  readonly sequence?: bigint;
  /** Why the message of `sequence` was refused. Requires `sequence`. */
  readonly refusal?: string;
  readonly layout?: string;
  /** Appended in this order, to any clients. */
  readonly publishes?: readonly Publish[];
  /** Applied in this order: of two puts to one key the later holds. */
  readonly puts?: readonly Put[];
}

/**
 * If nothing was kept, both promises reject with the same error. Both are marked as handled by the store, so
 * one may be left alone; whoever watches `flushed` misses no failure.
 */
export interface CommitReceipt {
  /** Rejects (E_FENCED, E_SEQUENCE, E_COMMIT, E_FULL, E_CLOSED) if nothing was kept. */
  readonly staged: Promise<void>;
  /**
   * Durable. Resolves in staging order with the ORDERs given to `publishes`, index by index. A flush that
   * fails (E_IO, E_DISK_FULL) rejects this commit and all that were staged after it; none of them was kept.
   */
  readonly flushed: Promise<readonly bigint[]>;
}

export interface LogEntry {
  /** At least 1n, strictly ascending per client. There may be numbers that were never given. */
  readonly order: bigint;
  readonly timestamp: number;
  readonly json: Uint8Array;
}

/** All three fields are of one moment. */
export interface LogChunk {
  readonly entries: readonly LogEntry[];
  /** If larger than the cursor, something between them is gone (close code 4100, unless the cursor is -1 or 0). */
  readonly removedUpTo: bigint;
  /** If smaller than the cursor, the cursor is not of this log (close code 4101). */
  readonly head: bigint;
}

export interface ReadLimit {
  /** Entries, an integer of at least 1. */
  readonly count: number;
  /** Bytes of `json` or `value`, an integer of at least 1. One entry is given even if it alone is larger. */
  readonly bytes: number;
}

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface ListQuery {
  /** What the keys begin with; the empty string: all keys. */
  readonly prefix: string;
  /** Only keys that come after this one: for the next page, the last key of the page before. It need not exist. */
  readonly after?: string | undefined;
  readonly limit: ReadLimit;
}

export interface Refusal {
  readonly sequence: bigint;
  readonly reason: string;
}

/** All three fields are of one moment. */
export interface RefusalChunk {
  /** As in {@link ClientRecord}: up to here `refusals` is complete, but for what was removed. */
  readonly lastSequence: bigint;
  readonly refusals: readonly Refusal[];
  /**
   * The highest SEQUENCE of a refusal that was removed; -1n: none. Of a message up to here that is not in `refusals`
   * nobody can say any more whether it was accepted.
   */
  readonly removedUpTo: bigint;
}

/** Failures are {@link StoreError}s. Promises reject; only `watch` throws. After `close` all fail with E_CLOSED. */
export interface ServerStore {
  /**
   * What is flushed. Does not wait for what is staged: who asks has proved nothing yet, and must not learn from the time
   * that it takes which clients are busy. Has no side effects: a client never heard of reads as
   * `{ -1n, 0n, 0n, undefined, 0n }` and leaves no trace.
   */
  read(clientId: string): Promise<ClientRecord>;

  /**
   * Takes the session of a client over. Goes through the same line as commits: those staged after it with an older epoch
   * fail with E_FENCED, in every process. The answer is of flushed state, and waits for the flush, or the failure, of each
   * SEQUENCE that was staged before: nobody else can consume one any more, so that it is the last.
   *
   * Once it has resolved the epoch holds, and nobody else is ever given it, as long as the process lives that asked. So a
   * store that other processes work on has flushed it by then. One that has a single process may keep it in memory, where
   * a flush that fails later must not take it along: the disk may be slow, and no epoch outlives that process anyway.
   *
   * @param over where it is an epoch and somebody has claimed the client since, also if that is not flushed yet, the
   * claim rejects with E_FENCED and changes nothing. It cannot be left out (E_ARGUMENT), so that a store around another
   * one cannot forget to pass it on.
   */
  claim(clientId: string, over: ClaimOver): Promise<Claim>;

  /**
   * Stages in the order of calls and never throws: a bad argument rejects like any other failure (E_COMMIT).
   * Checked in this order: E_CLOSED, E_COMMIT, E_FENCED (any epoch but the newest), E_SEQUENCE, E_FULL.
   */
  commit(commit: Commit): CommitReceipt;

  /**
   * The flushed entries with ORDER > `after`, ascending, from the oldest kept one if `after` is smaller
   * (-1n and 0n always are). Entries become visible in ORDER: nothing ever appears below an ORDER already
   * seen. A cursor beyond head is answered with no entries. Does not wait for what is staged. A store that has them at
   * hand answers at once, because a promise for each event of each client would take longer than the reading; a failure
   * is always a rejection.
   */
  readLog(clientId: string, after: bigint, limit: ReadLimit): LogChunk | Promise<LogChunk>;

  /**
   * The flushed refusals with `sequence` > `after`, ascending, as far as they are kept. Does not wait for what is
   * staged. The memory is bounded: the oldest go first, at least 1,024 per client are kept by default. What went is
   * told by `removedUpTo`, which is as durable as the refusals.
   */
  refusals(clientId: string, after: bigint): Promise<RefusalChunk>;

  /**
   * Calls `onHead` after a flush moved the head of this client, in whichever process, with the newest head;
   * several moves may come as one call, heads ascend. Calls `onClaim` after a claim, so that a node learns
   * that another one took a client over.
   *
   * Never calls from within `commit`, `claim` or `watch`. What happened before `watch` need not be told: watch
   * first, then read the log up to its end, and no entry is missed. Listeners must not throw; if one does, the
   * error surfaces as an uncaught one and the store and other listeners go on. Returns the way to stop, which
   * may be called again and after `close`; nothing is called after either.
   */
  watch(clientId: string, onHead: (head: bigint) => void, onClaim?: (epoch: bigint) => void): () => void;

  /** The application's own state, written by puts. Waits for the flush of what was staged before the call. */
  get(key: string): Promise<Uint8Array | undefined>;

  /**
   * A page of the application's own state: keys with this prefix in the order of their UTF-8 bytes. An empty page is
   * the end; a short one is not. A page is of one moment and waits like `get`. Of what is put between two pages,
   * the next one shows what lies behind its `after`.
   */
  list(query: ListQuery): Promise<readonly KeyValue[]>;

  /** Flushes what is staged, then lets go of everything. May be called again. */
  close(): Promise<void>;
}
