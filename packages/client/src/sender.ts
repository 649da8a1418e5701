import type { ClientSession } from '@sealwire/session';
import type { Link } from '@sealwire/transport';
import type { Call, Calls } from './calls.js';
import { ClientError } from './errors.js';
import type { Outbox } from './outbox.js';

type Item =
  | { readonly kind: 'message'; readonly index: bigint }
  | { readonly kind: 'call'; readonly call: Call };

/** RSA signatures under way at one time: enough to keep a thread pool busy, few enough to bound what a cut wastes. */
const signingWindow = 32;

/**
 * Bytes that may leave before the server is heard: it has to keep them until the proof is verified and its store has
 * answered. Each frame counts for more than its payload: signature, IV, header and padding.
 */
const earlyBytes = 131_072;
const frameOverhead = 1_536;

export interface SenderPort {
  /** Messages were handed to the link. */
  messagesLeft(): void;
  /** The next message can never be sent. */
  failed(error: ClientError): void;
}

/** The one outgoing line of a session: messages and calls in the order in which the application made them. */
export class Sender {
  readonly #session: ClientSession;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #maxBufferedBytes: number;
  readonly #port: SenderPort;
  /** Being signed, or signed and not yet flushed. */
  #line: Item[] = [];
  #signed = 0;
  #next: bigint;
  #open = false;
  #room = earlyBytes;

  constructor(
    session: ClientSession,
    link: Link,
    outbox: Outbox,
    calls: Calls,
    maxBufferedBytes: number,
    port: SenderPort,
  ) {
    this.#session = session;
    this.#link = link;
    this.#outbox = outbox;
    this.#calls = calls;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#port = port;
    this.#next = 0n;
  }

  /** The proof is out: goes on after what the welcome named. */
  open(): void {
    this.#next = this.#outbox.resendFrom;
    this.#open = true;
    this.feed();
  }

  /** The server was heard: it takes what comes. */
  heard(): void {
    this.#room = Number.POSITIVE_INFINITY;
    this.feed();
  }

  close(): void {
    this.#open = false;
  }

  /** Starts as many signatures as the window and the link allow. */
  feed(): void {
    while (
      this.#open &&
      this.#line.length < signingWindow &&
      this.#room > 0 &&
      this.#link.bufferedBytes <= this.#maxBufferedBytes
    ) {
      if (!this.#feedCall() && !this.#feedMessage()) return;
    }
  }

  /** The oldest item of the line is signed. */
  signed(): void {
    this.#signed += 1;
  }

  /** All that is signed leaves in one batch. */
  flush(): void {
    if (this.#signed === 0 || !this.#open) return;
    this.#session.flush();
    const left = this.#line.splice(0, this.#signed);
    this.#signed = 0;
    let messages = false;
    for (const item of left) {
      if (item.kind === 'call') {
        item.call.sent = true;
      } else {
        messages = true;
        this.#outbox.handedOver(item.index);
      }
    }
    if (messages) this.#port.messagesLeft();
  }

  #feedCall(): boolean {
    const taken = this.#calls.take(this.#next, this.#outbox.endIndex);
    if (taken === undefined) return false;
    this.#queue({ kind: 'call', call: taken.call }, taken.call.json);
    this.#session.sendRequest(taken.requestId, taken.call.json);
    return true;
  }

  #feedMessage(): boolean {
    const entry = this.#outbox.sendable(this.#next);
    if (entry === undefined) return false;
    try {
      this.#session.sendMessage(entry.sequence, entry.json);
    } catch (cause) {
      // Only a message of an earlier process, which had other options, or the end of all numbers comes here.
      this.#port.failed(
        new ClientError('E_STUCK', `the message with SEQUENCE ${entry.sequence} cannot be sent`, { cause }),
      );
      return false;
    }
    this.#queue({ kind: 'message', index: this.#next }, entry.json);
    this.#next += 1n;
    return true;
  }

  #queue(item: Item, json: Uint8Array): void {
    this.#line.push(item);
    this.#room -= json.length + frameOverhead;
  }
}
