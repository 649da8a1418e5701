/**
 * What a client must remember over a restart: how far it has read, what it sent without knowing the outcome,
 * and the pin of its server. One state belongs to one client id at one server, and to one client at a time.
 *
 * Byte arrays handed in belong to the state from the call on; what is given out must not be changed. Their
 * sizes are bounded by `STORE_LIMITS.json` and `STORE_LIMITS.pin` (else E_ARGUMENT).
 */

export interface OutboxEntry {
  /** Own running number from 0n. SEQUENCE = index + sequenceOffset once that is known. */
  readonly index: bigint;
  readonly json: Uint8Array;
}

export interface SavedClient {
  /** Up to this ORDER everything was handled, or gone before the first message came; -1n: none came yet. */
  readonly savedOrder: bigint;
  /** At least `savedOrder`. What lies in (savedOrder, reservedOrder] was possibly handled. */
  readonly reservedOrder: bigint;
  /** The index that the next appended entry must have. Never goes back, also when the outbox is empty. */
  readonly nextIndex: bigint;
  /** undefined until the first welcome told it. May be negative. */
  readonly sequenceOffset: bigint | undefined;
  /** Unconfirmed messages, contiguous, ending at `nextIndex - 1n`. */
  readonly outbox: readonly OutboxEntry[];
  /** What the client remembers of its server, opaque here; undefined: nothing. */
  readonly pin: Uint8Array | undefined;
}

/** Fields that are left out stay as they are. */
export interface ClientChange {
  /** At least -1n. May go back (the application resumes from an older ORDER). */
  readonly savedOrder?: bigint;
  /**
   * At least the savedOrder that holds after this change, else E_ARGUMENT. Left out, it is raised to
   * savedOrder if it lies below; it never sinks by itself.
   */
  readonly reservedOrder?: bigint;
  readonly sequenceOffset?: bigint;
  /** null forgets the pin. */
  readonly pin?: Uint8Array | null;
}

/**
 * Every promise resolves when the change is durable. Changes take effect in the order of calls, each
 * whole or not at all. Failures are {@link StoreError}s; after `close` every call rejects with E_CLOSED.
 */
export interface ClientState {
  /** All of it, with every change called for before. */
  load(): Promise<SavedClient>;

  /**
   * Indexes go on from `nextIndex` without a hole, else E_SEQUENCE. Rejects with E_FULL, keeping none of the
   * entries, when the outbox has no room for them.
   */
  append(entries: readonly OutboxEntry[]): Promise<void>;

  /** Forgets the entries with index <= `upToIndex`. E_ARGUMENT if no entry ever had that index; -1n is allowed. */
  trim(upToIndex: bigint): Promise<void>;

  /** Changes the named fields together. */
  save(change: ClientChange): Promise<void>;

  /** Lets go of the state. May be called again. */
  close(): Promise<void>;
}
