import type { ClientState, SavedClient } from '@sealwire/store';
import { Cursor } from './cursor.js';
import { type Deferred, deferred } from './deferred.js';
import { ClientError } from './errors.js';
import type { Message, MessageListener } from './message.js';
import type { InboxOptions } from './options.js';
import { type Reading, readMessage } from './read-message.js';

interface Item {
  readonly order: bigint;
  readonly timestamp: number;
  readonly json: Uint8Array;
  readonly trusted: boolean;
}

/** What the inbox needs of its client. */
export interface InboxPort {
  /** There is more room than before. */
  relieved(): void;
  /** A message cannot be delivered, or its handler threw. */
  failed(error: ClientError): void;
  /** The same of a session that is not believed: what it brought is dropped, and it has to end. */
  doubted(error: ClientError): void;
}

/** What comes next: nothing, once the consumer is gone or the client closed. */
type Taken<Receive> = Message<Receive> | undefined | Promise<Message<Receive> | undefined>;

const always = (): boolean => true;

/** What a server sends at one time. Discarding the rest of it would cost a new session for each batch. */
const oneBatch = { messages: 256, bytes: 65_536 };
const none = { messages: 0, bytes: 0 };

/** Messages from the link to the application: in order, one at a time, bounded, with the two cursors saved and delivered. */
export class Inbox<Receive> {
  readonly #cursor: Cursor;
  readonly #options: Required<InboxOptions>;
  readonly #reading: Reading<Receive>;
  readonly #port: InboxPort;
  #queue: Item[] = [];
  #bytes = 0;
  #discarding = false;
  /** What may still be taken beyond the bounds, because it comes with something for which there was room. */
  #overflow = none;
  #received: bigint;
  /** The same of believed sessions. */
  #believed: bigint;
  #delivered: bigint;
  #handled: Item | undefined;
  /** Up to here somebody may have handled them before. */
  #suspect: bigint;
  #ended: { readonly error?: ClientError } | undefined;
  #arrival: Deferred<void> | undefined;
  #listener: MessageListener<Receive> | undefined;
  /** Resolves when nothing is handed to the listener any more. */
  #pumping: Promise<void> = Promise.resolve();
  #consumer: 'none' | 'listener' | 'iterator' = 'none';

  constructor(
    saved: SavedClient,
    state: ClientState,
    options: Required<InboxOptions>,
    reading: Reading<Receive>,
    port: InboxPort,
  ) {
    this.#cursor = new Cursor(saved, state, (error) => port.failed(error));
    this.#options = options;
    this.#reading = reading;
    this.#port = port;
    this.#received = saved.savedOrder;
    this.#believed = saved.savedOrder;
    this.#delivered = saved.savedOrder;
    this.#suspect = saved.reservedOrder;
  }

  /** Everything up to here was handed over or waits here; after `begin` it is LAST SEEN ORDER of the next hello. */
  get received(): bigint {
    return this.#received;
  }

  /** Half full or more: stop reading where the link can. */
  get wantsPause(): boolean {
    // Nobody would ever end a pause in which nobody reads, and the server would take it for a stall.
    if (this.#consumer === 'none') return false;
    return this.#queue.length * 2 >= this.#options.maxMessages || this.#bytes * 2 >= this.#options.maxBytes;
  }

  /** Messages were discarded and all that had been kept is handed over: time to ask for them again. */
  get wantsAgain(): boolean {
    return this.#discarding && this.#queue.length === 0;
  }

  /**
   * A new session goes on after `received`, which is what believed sessions brought: whoever played the server could
   * otherwise have the client skip what the server sends.
   */
  begin(): void {
    this.#discarding = false;
    if (this.#received === this.#believed) return;
    this.#queue = this.#queue.filter(({ trusted }) => trusted);
    this.#bytes = this.#queue.reduce((sum, { json }) => sum + json.length, 0);
    this.#received = this.#believed;
    this.#meetAgain();
  }

  /** Frames have come together: where there was room when they came, what they hold is taken as a whole. */
  arriving(): void {
    this.#overflow = this.#hasRoom(1) ? oneBatch : none;
  }

  accept(order: bigint, timestamp: number, json: Uint8Array, trusted: boolean): void {
    // One message is always taken, so that a small bound cannot block the line for ever.
    const full = !this.#hasRoom(json.length) && !this.#takeOverflow(json.length);
    if (full && this.#queue.length > 0) this.#discarding = true;
    // After the first that was discarded there is a hole until the server sends it again.
    if (this.#discarding || this.#ended !== undefined) return;
    // Reserved, but not handled beyond 0: the message with ORDER 1 was there, and no server tells with 4100 that it is gone.
    if (this.#received === 0n && this.#cursor.reserved > 0n && order > 1n) {
      const error = historyGone(order);
      return trusted ? this.#port.failed(error) : this.#port.doubted(error);
    }
    this.#queue.push({ order, timestamp, json, trusted });
    this.#bytes += json.length;
    this.#received = order;
    if (trusted) this.#believed = order;
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }

  /**
   * Moves the cursor; what waits here is dropped.
   *
   * @throws ClientError (as a rejection) `E_STORE`
   */
  async resumeFrom(order: bigint): Promise<void> {
    this.#meetAgain();
    this.#dropQueue();
    this.#handled = undefined;
    this.#received = order;
    this.#believed = order;
    this.#delivered = order;
    this.#ended = undefined;
    if (this.#listener !== undefined) this.#startPump(this.#listener);
    await this.#cursor.move(order);
  }

  /** @throws ClientError `E_STATE` if there is an iterator or another listener */
  listen(listener: MessageListener<Receive>): void {
    this.#claim('listener');
    this.#listener = listener;
    this.#startPump(listener);
  }

  /** @throws ClientError `E_STATE` if there is a listener or another iterator */
  iterate(): AsyncIterableIterator<Message<Receive>> {
    this.#claim('iterator');
    let line: Promise<unknown> = Promise.resolve();
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      this.#consumer = 'none';
      // A call that waits for a message ends too: nobody may be left to take one.
      this.#arrival?.resolve();
    };
    const next = async (): Promise<IteratorResult<Message<Receive>>> => {
      const message = open ? await this.#take(() => open) : undefined;
      return message === undefined ? { done: true, value: undefined } : { done: false, value: message };
    };
    const iterator: AsyncIterableIterator<Message<Receive>> = {
      // Concurrent calls take their turn, so that order holds.
      next: () => {
        const turn = line.then(next);
        line = turn.catch(close);
        return turn;
      },
      return: async () => {
        close();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Nothing is handed over any more: an iterator ends, with the error if there is one. */
  end(error?: ClientError): void {
    this.#ended ??= error === undefined ? {} : { error };
    this.#dropQueue();
    this.#arrival?.resolve();
  }

  /** Resolves when the saved cursor is durable. */
  async settled(): Promise<void> {
    await this.#cursor.settled();
  }

  /** Whoever goes back meets again what was handed over before. */
  #meetAgain(): void {
    if (this.#delivered > this.#suspect) this.#suspect = this.#delivered;
  }

  #hasRoom(bytes: number): boolean {
    const { maxMessages, maxBytes } = this.#options;
    return this.#queue.length < maxMessages && this.#bytes + bytes <= maxBytes;
  }

  #takeOverflow(size: number): boolean {
    const { messages, bytes } = this.#overflow;
    if (messages === 0 || bytes < size) return false;
    this.#overflow = { messages: messages - 1, bytes: bytes - size };
    return true;
  }

  #claim(consumer: 'listener' | 'iterator'): void {
    if (this.#consumer !== 'none') {
      throw new ClientError(
        'E_STATE',
        `messages go to one place, and the ${this.#consumer} was first: use onMessage or messages(), once`,
      );
    }
    this.#consumer = consumer;
  }

  /** The pump of before may still be coming to its end, or be in a handler: never are there two at work. */
  #startPump(listener: MessageListener<Receive>): void {
    this.#pumping = this.#pumping.then(() => this.#pump(listener));
  }

  async #pump(listener: MessageListener<Receive>): Promise<void> {
    try {
      for (;;) {
        const next = this.#take();
        const message = next instanceof Promise ? await next : next;
        if (message === undefined) return;
        try {
          const handling = listener(message);
          if (handling !== undefined) await handling;
        } catch (cause) {
          throw this.#threw(message.order, cause);
        }
      }
    } catch {
      // The client has stopped, and its state says why.
    }
  }

  #threw(order: bigint, cause: unknown): ClientError {
    const error = new ClientError('E_HANDLER', `the message handler threw at ORDER ${order}`, { cause });
    this.#handled = undefined;
    this.#port.failed(error);
    return error;
  }

  /**
   * The next message; asking for it says that the one before is handled. A promise only where something has to be waited
   * for: most messages need nothing of the kind, and waiting takes longer than all the rest.
   *
   * @param wanted does anybody still wait for it?
   */
  #take(wanted: () => boolean = always): Taken<Receive> {
    this.#finishPrevious();
    if (!wanted()) return undefined;
    if (this.#ended?.error !== undefined) throw this.#ended.error;
    if (this.#ended !== undefined) return undefined;
    const item = this.#queue[0];
    if (item === undefined) {
      this.#arrival = deferred<void>();
      return this.#arrival.promise.then(() => this.#take(wanted));
    }
    if (!item.trusted || !this.#cursor.mustReserve(item.order)) return this.#read(item, wanted);
    const last = this.#queue.findLast(({ trusted }) => trusted) ?? item;
    return this.#cursor.reserve(item.order, last.order).then(() => this.#read(item, wanted));
  }

  #read(item: Item, wanted: () => boolean): Taken<Receive> {
    let read: Message<Receive> | Promise<Message<Receive>>;
    try {
      read = readMessage(item, this.#reading, item.order <= this.#suspect);
    } catch (error) {
      return this.#unreadable(item, error, wanted);
    }
    return read instanceof Promise
      ? read.then(
          (message) => this.#handOver(item, message, wanted),
          (error: unknown) => this.#unreadable(item, error, wanted),
        )
      : this.#handOver(item, read, wanted);
  }

  #unreadable(item: Item, error: unknown, wanted: () => boolean): Taken<Receive> {
    if (!(error instanceof ClientError)) throw error;
    // Dropped in between: if it matters, it comes again.
    if (this.#queue[0] !== item) return this.#take(wanted);
    if (item.trusted) {
      this.#port.failed(error);
      throw error;
    }
    // What a believed session brought stands before it, so there is nothing else in the queue.
    this.#dropQueue();
    this.#port.doubted(error);
    return this.#take(wanted);
  }

  #dropQueue(): void {
    this.#queue = [];
    this.#bytes = 0;
  }

  #handOver(item: Item, message: Message<Receive>, wanted: () => boolean): Taken<Receive> {
    // The end of the client or of the iterator, or a resumeFrom, may have come in between: then it stays here.
    if (this.#queue[0] !== item || this.#ended !== undefined || !wanted()) return this.#take(wanted);
    const hadToPause = this.wantsPause;
    this.#queue.shift();
    this.#bytes -= item.json.length;
    this.#delivered = item.order;
    this.#handled = item;
    if ((hadToPause && !this.wantsPause) || this.wantsAgain) this.#port.relieved();
    return message;
  }

  #finishPrevious(): void {
    const item = this.#handled;
    this.#handled = undefined;
    if (item?.trusted === true) this.#cursor.handled(item.order);
  }
}

/** What a connection sees of an inbox. */
export type IncomingEnd = Pick<Inbox<unknown>, 'received' | 'wantsPause' | 'begin' | 'arriving' | 'accept'>;

function historyGone(order: bigint): ClientError {
  return new ClientError(
    'E_HISTORY_GONE',
    `messages up to ORDER ${order - 1n} are gone, the first of which this client was handed and may not have handled: see resumeFrom('oldest')`,
  );
}
