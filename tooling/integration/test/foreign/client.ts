import { type KeyObject, randomBytes } from 'node:crypto';
import { Fields, hyper, type Layout, oaep, opaque, open, pss, seal, unOaep, word } from '@sealwire/scenarios';
import { WebSocket } from 'ws';

export interface ForeignEvent {
  readonly type: number;
  readonly number: bigint;
  readonly timestamp: number | undefined;
  readonly json: string;
}

function readable(key: KeyObject, frame: Buffer): Buffer | undefined {
  try {
    return unOaep(key, frame);
  } catch {
    return undefined;
  }
}

/** A client that knows docs/protocol.md and nothing else. It keeps what it gets and repeats nothing by itself. */
export class ForeignClient {
  readonly events: ForeignEvent[] = [];
  heartbeats = 0;
  pings = 0;
  lastSeenSequence = -2n;
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  readonly #layout: Layout;
  readonly #clientKey: KeyObject;
  readonly #aesKey = randomBytes(32);
  #serverAesKey: Buffer | undefined;
  #waiters: (() => void)[] = [];

  constructor(options: {
    url: string;
    id: string;
    clientKey: KeyObject;
    serverKey: KeyObject;
    lastSeenOrder: bigint;
    layout: Layout;
  }) {
    this.#layout = options.layout;
    this.#clientKey = options.clientKey;
    this.#socket = new WebSocket(options.url, { perMessageDeflate: false });
    this.#socket.on('open', () => {
      const hello = Buffer.concat([
        opaque(Buffer.from(options.id)),
        hyper(options.lastSeenOrder),
        opaque(this.#aesKey),
      ]);
      this.#socket.send(oaep(options.serverKey, hello));
    });
    this.#socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) throw new Error('the server sent text');
      this.#receive(data);
      this.#wake();
    });
    this.#socket.on('ping', () => {
      this.pings += 1;
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** Resolves as soon as the condition holds; it is looked at after everything that comes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  sendMessage(sequence: bigint, json: string): void {
    this.#send(1, sequence, json);
  }

  sendRequest(requestId: bigint, json: string): void {
    this.#send(2, requestId, json);
  }

  /** Any bytes as one binary message. */
  sendRaw(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  cut(): void {
    this.#socket.terminate();
  }

  #receive(frame: Buffer): void {
    if (this.#serverAesKey === undefined) {
      const plaintext = readable(this.#clientKey, frame);
      // Not for this key: whatever a stranger says next is no proof.
      if (plaintext === undefined) return this.#socket.send(randomBytes(frame.length));
      const welcome = new Fields(plaintext);
      const dataToSign = welcome.opaque();
      this.lastSeenSequence = welcome.hyper();
      this.#serverAesKey = welcome.opaque();
      this.#socket.send(pss(this.#clientKey, dataToSign));
    } else if (frame.length === 1) {
      if (frame[0] !== 0) throw new Error('a single byte that is no heartbeat');
      this.heartbeats += 1;
    } else {
      this.events.push(this.#read(open(this.#serverAesKey, frame)));
    }
  }

  #read(plaintext: Buffer): ForeignEvent {
    const outer = new Fields(plaintext);
    const type = outer.word();
    const fields = this.#layout === 'documented' ? new Fields(outer.opaque()) : outer;
    if (type === 3) return { type, number: 0n, timestamp: undefined, json: fields.opaque().toString() };
    const number = fields.hyper();
    const timestamp = type === 1 ? fields.double() : undefined;
    const json = fields.opaque().toString();
    if (fields.rest.length > 0 || outer.rest.length > 0) throw new Error('bytes after the last field');
    return { type, number, timestamp, json };
  }

  #send(type: number, number: bigint, json: string): void {
    const body = Buffer.concat([hyper(number), opaque(Buffer.from(json))]);
    const data = this.#layout === 'documented' ? body : Buffer.concat([word(type), body]);
    const signature = opaque(pss(this.#clientKey, data));
    const parts =
      this.#layout === 'documented' ? [signature, word(type), opaque(data)] : [signature, opaque(data)];
    this.#socket.send(seal(this.#aesKey, Buffer.concat(parts)));
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
