import type { ClientState, OutboxEntry, SavedClient } from '@sealwire/store';
import { type Deferred, deferred } from './deferred.js';
import { ClientError, codeOf, storeFailed } from './errors.js';
import { Flushes } from './flushes.js';
import type { OutboxOptions } from './options.js';
import type { Outcome, Sent } from './outcome.js';

interface Entry extends OutboxEntry {
  /** Absent for a message of an earlier process: nobody waits for it here. */
  readonly promises?: { readonly sent: Deferred<Sent>; readonly outcome: Deferred<Outcome> };
}

interface Waiter {
  readonly json: Uint8Array;
  readonly sent: Deferred<Sent>;
}

/** Messages from `send` until their outcome is known, in order. Index is the own number, SEQUENCE = index + offset. */
export class Outbox {
  readonly #state: ClientState;
  readonly #options: Required<OutboxOptions>;
  readonly #changed: () => void;
  readonly #broken: (error: ClientError) => void;
  readonly #waiters: Waiter[] = [];
  readonly #flushes = new Flushes();
  #entries: Entry[];
  #bytes: number;
  #nextIndex: bigint;
  /** Up to here the state has the entries. */
  #durable: bigint;
  #appending = false;
  #offset: bigint | undefined;
  #offsetDurable: boolean;
  /** The highest index that a link may have seen, also of an earlier process; -1n: none ever. */
  #handed: bigint;
  /** The highest index that this process has given to a link, or knows to have arrived. */
  #left: bigint;
  /** The highest index that the server is known to have. */
  #consumed: bigint;
  /** Where the current session goes on. */
  #resendFrom: bigint;
  /** The highest index that the newest session has given to its link, or that its welcome named. */
  #sessionEnd: bigint;
  /** Nothing leaves in the newest session, whose welcome must not choose the numbers. */
  #held = false;

  /**
   * @param changed there may be something to send
   * @param broken the state failed: nothing can be promised any more
   */
  constructor(
    saved: SavedClient,
    state: ClientState,
    options: Required<OutboxOptions>,
    changed: () => void,
    broken: (error: ClientError) => void,
  ) {
    this.#state = state;
    this.#options = options;
    this.#changed = changed;
    this.#broken = broken;
    this.#entries = [...saved.outbox];
    this.#bytes = saved.outbox.reduce((sum, { json }) => sum + json.length, 0);
    this.#nextIndex = saved.nextIndex;
    this.#durable = saved.nextIndex - 1n;
    this.#offset = saved.sequenceOffset;
    this.#offsetDurable = saved.sequenceOffset !== undefined;
    // A journal does not tell what had left before the process ended, so all of it may have.
    this.#handed = saved.sequenceOffset === undefined ? -1n : saved.nextIndex - 1n;
    this.#left = this.#first - 1n;
    this.#consumed = this.#first - 1n;
    this.#resendFrom = this.#first;
    this.#sessionEnd = this.#first - 1n;
  }

  /** The first index whose message comes after everything given to `add` so far, also what waits for room. */
  get endIndex(): bigint {
    return this.#nextIndex + BigInt(this.#waiters.length);
  }

  /** Where the current session goes on. */
  get resendFrom(): bigint {
    return this.#resendFrom;
  }

  /** Handed over, outcome unknown. */
  get unsettled(): number {
    const count = this.#handed - this.#first + 1n;
    return count > 0n ? Number(count) : 0;
  }

  /** Accepted, not yet handed over, and able to leave in this session. */
  get unsent(): boolean {
    if (this.#held) return false;
    const last = this.#nextIndex - 1n;
    return (this.#left < last && this.#sessionEnd < last) || this.#waiters.length > 0;
  }

  /** Three quarters full: outcomes have to be learnt to make room. */
  get pressing(): boolean {
    const { maxMessages, maxBytes } = this.#options;
    return (
      this.#waiters.length > 0 ||
      this.#entries.length * 4 >= maxMessages * 3 ||
      this.#bytes * 4 >= maxBytes * 3
    );
  }

  /** Does a flush wait for nothing but outcomes? */
  get flushWaits(): boolean {
    return this.#flushes.some((upTo) => this.#left >= upTo || this.#left === this.#nextIndex - 1n);
  }

  /** The last SEQUENCE whose outcome is settled; -1n if none is known. */
  get confirmedSequence(): bigint {
    return this.#offset === undefined ? -1n : this.#first - 1n + this.#offset;
  }

  /** The first SEQUENCE that was handed over and that the server is not known to have. */
  get unconfirmedSequence(): bigint | undefined {
    if (this.#offset === undefined || this.#resendFrom > this.#handed) return undefined;
    return this.#resendFrom + this.#offset;
  }

  /** The SEQUENCEs that the newest session has given to its link; `first` is larger than `last` if none. */
  get sessionRange(): { readonly first: bigint; readonly last: bigint } {
    const offset = this.#offset ?? 0n;
    return { first: this.#resendFrom + offset, last: this.#sessionEnd + offset };
  }

  /** Takes a message; resolves when its frame was handed to a link. */
  add(json: Uint8Array): Promise<Sent> {
    const { maxMessages, whenFull } = this.#options;
    const sent = deferred<Sent>();
    if (this.#waiters.length === 0 && this.#hasRoom(json)) {
      this.#accept(json, sent);
    } else if (
      whenFull === 'wait' &&
      this.#waiters.length < maxMessages &&
      json.length <= this.#options.maxBytes
    ) {
      this.#waiters.push({ json, sent });
      this.#changed();
    } else {
      sent.reject(full(`outbox.maxMessages or outbox.maxBytes`));
    }
    return sent.promise;
  }

  /** The entry to send at `index`, if it may leave: it and the offset are durable. */
  sendable(index: bigint): { readonly sequence: bigint; readonly json: Uint8Array } | undefined {
    if (this.#held || !this.#offsetDurable || this.#offset === undefined || index > this.#durable)
      return undefined;
    const entry = this.#entries[Number(index - this.#first)];
    return entry && { sequence: index + this.#offset, json: entry.json };
  }

  /** The frame of this entry was given to the link. */
  handedOver(index: bigint): void {
    if (index > this.#handed) this.#handed = index;
    if (index > this.#left) this.#left = index;
    this.#sessionEnd = index;
    const promises = this.#entries[Number(index - this.#first)]?.promises;
    promises?.sent.resolve({
      sequence: index + (this.#offset ?? 0n),
      outcome: promises.outcome.promise,
    });
  }

  /**
   * Compares the server's LAST SEEN SEQUENCE with what left; fixes the numbering at the first one that is believed.
   * What left under another's number could neither be told from what the server has, nor sent again under its own.
   */
  welcome(lastSeenSequence: bigint, trusted: boolean): ClientError | undefined {
    // As long as nothing has ever left, nobody can hold another number for any of it.
    const offset = this.#handed < 0n ? undefined : this.#offset;
    this.#held = offset === undefined && !trusted;
    if (offset === undefined) {
      this.#resendFrom = this.#first;
      this.#sessionEnd = this.#first - 1n;
      if (trusted) this.#fixOffset(lastSeenSequence + 1n - this.#first);
      return undefined;
    }
    const index = lastSeenSequence - offset;
    if (index < this.#consumed || index > this.#handed) return this.#desync(lastSeenSequence, offset);
    this.#resendFrom = index + 1n;
    this.#sessionEnd = index;
    if (trusted) {
      this.#consumed = index;
      if (index > this.#left) this.#left = index;
    }
    return undefined;
  }

  /**
   * The outcomes up to this SEQUENCE are known.
   *
   * @param outcomeOf of one SEQUENCE
   */
  settle(upTo: bigint, outcomeOf: (sequence: bigint) => Outcome): ClientError | undefined {
    const offset = this.#offset ?? 0n;
    const index = upTo - offset;
    if (index < this.#first - 1n || index > this.#handed) return this.#desync(upTo, offset);
    const settled = this.#entries.splice(0, Number(index - this.#first + 1n));
    if (index > this.#consumed) this.#consumed = index;
    if (settled.length === 0) return undefined;
    for (const entry of settled) {
      this.#bytes -= entry.json.length;
      entry.promises?.outcome.resolve(outcomeOf(entry.index + offset));
    }
    this.#state.trim(index).catch((cause) => this.#broken(storeFailed(cause)));
    this.#admitWaiters();
    this.#resolveFlushes();
    return undefined;
  }

  /** Resolves when everything that was handed to `add` so far has a settled outcome. */
  flushed(): Deferred<void> {
    const done = this.#flushes.add(this.endIndex - 1n);
    this.#resolveFlushes();
    return done;
  }

  /** No outcome will ever come: nobody may wait for one, nor for the room that it would make. */
  refuseWaiting(error: ClientError): void {
    this.#flushes.refuse(error);
    for (const { sent } of this.#waiters.splice(0)) sent.reject(error);
  }

  /** Whoever waited for this flush has stopped waiting. */
  abandonFlush(done: Deferred<void>): void {
    this.#flushes.abandon(done);
  }

  /** Settles every promise that is left: nothing will be sent any more. */
  end(error: ClientError): void {
    for (const { sent } of this.#waiters.splice(0)) {
      sent.reject(
        new ClientError(error.code, 'the message was not taken: the client ended', { cause: error }),
      );
    }
    for (const { promises } of this.#entries) {
      promises?.sent.reject(
        new ClientError(error.code, 'the client ended before the message was handed over', { cause: error }),
      );
      promises?.outcome.reject(
        new ClientError('E_OUTCOME_UNKNOWN', 'the client ended before the server confirmed the message', {
          cause: error,
        }),
      );
    }
    this.#flushes.refuse(error);
  }

  get #first(): bigint {
    return this.#entries[0]?.index ?? this.#nextIndex;
  }

  #hasRoom(json: Uint8Array): boolean {
    const { maxMessages, maxBytes } = this.#options;
    return this.#entries.length < maxMessages && this.#bytes + json.length <= maxBytes;
  }

  #accept(json: Uint8Array, sent: Deferred<Sent>): void {
    this.#entries.push({ index: this.#nextIndex, json, promises: { sent, outcome: deferred<Outcome>() } });
    this.#nextIndex += 1n;
    this.#bytes += json.length;
    if (!this.#appending) void this.#append();
  }

  /** One append at a time; what is accepted meanwhile goes with the next one. */
  async #append(): Promise<void> {
    this.#appending = true;
    try {
      // Synchronous senders share the first append.
      await Promise.resolve();
      while (this.#durable < this.#nextIndex - 1n) {
        const batch = this.#entries.slice(Number(this.#durable + 1n - this.#first));
        const last = this.#nextIndex - 1n;
        await this.#state.append(batch.map(({ index, json }) => ({ index, json })));
        this.#durable = last;
        this.#changed();
      }
    } catch (cause) {
      if (codeOf(cause) === 'E_FULL') this.#takeBack(full('the client state', cause));
      else this.#broken(storeFailed(cause));
    } finally {
      this.#appending = false;
    }
    // What was taken back made room, and there may be no outcome left to wait for that would let them in.
    this.#admitWaiters();
  }

  /** None of what the state did not take has left, so the numbers are free again. */
  #takeBack(error: ClientError): void {
    const refused = this.#entries.splice(Number(this.#durable + 1n - this.#first));
    this.#nextIndex = this.#durable + 1n;
    for (const { json, promises } of refused) {
      this.#bytes -= json.length;
      promises?.sent.reject(error);
    }
    this.#resolveFlushes();
  }

  #admitWaiters(): void {
    for (let waiter = this.#waiters[0]; waiter && this.#hasRoom(waiter.json); waiter = this.#waiters[0]) {
      this.#waiters.shift();
      this.#accept(waiter.json, waiter.sent);
    }
  }

  #resolveFlushes(): void {
    const settled = this.#first - 1n;
    const empty = this.#entries.length === 0 && this.#waiters.length === 0;
    this.#flushes.resolve((upTo) => settled >= upTo || empty);
  }

  #fixOffset(offset: bigint): void {
    if (offset === this.#offset) return;
    this.#offset = offset;
    this.#offsetDurable = false;
    // Before a frame leaves: after a restart the numbers must be the same, or a message would go twice.
    this.#state.save({ sequenceOffset: offset }).then(
      () => {
        this.#offsetDurable = this.#offset === offset || this.#offsetDurable;
        this.#changed();
      },
      (cause) => this.#broken(storeFailed(cause)),
    );
  }

  #desync(sequence: bigint, offset: bigint): ClientError {
    return new ClientError(
      'E_DESYNC',
      `the server names SEQUENCE ${sequence} where this client expects ${this.#consumed + offset} to ${this.#handed + offset}: ` +
        'another client used the id, or one side lost its state',
    );
  }
}

function full(what: string, cause?: unknown): ClientError {
  return new ClientError(
    'E_OUTBOX_FULL',
    `${what} holds all the unconfirmed messages it may: await outcomes or flush() before sending more`,
    { cause },
  );
}
