import { type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  double,
  Fields,
  hyper,
  isPss,
  type Layout,
  oaep,
  opaque,
  open,
  seal,
  unOaep,
  word,
} from '@sealwire/scenarios';
import { type WebSocket, WebSocketServer } from 'ws';

export interface ForeignMessage {
  readonly type: number;
  readonly number: bigint;
  readonly json: string;
}

/** One connection of the foreign server, after a good proof. */
export class ForeignPeer {
  readonly received: ForeignMessage[] = [];
  readonly lastSeenOrder: bigint;
  readonly #socket: WebSocket;
  readonly #layout: Layout;
  readonly #aesKey: Buffer;

  constructor(socket: WebSocket, layout: Layout, lastSeenOrder: bigint, aesKey: Buffer) {
    this.#socket = socket;
    this.#layout = layout;
    this.lastSeenOrder = lastSeenOrder;
    this.#aesKey = aesKey;
  }

  heartbeat(): void {
    this.#socket.send(Buffer.of(0));
  }

  sendMessage(order: bigint, timestamp: number, json: string): void {
    this.#send(1, Buffer.concat([hyper(order), double(timestamp), opaque(Buffer.from(json))]));
  }

  sendAnswer(requestId: bigint, json: string): void {
    this.#send(2, Buffer.concat([hyper(requestId), opaque(Buffer.from(json))]));
  }

  sendError(text: string): void {
    this.#send(3, opaque(Buffer.from(text)));
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  cut(): void {
    this.#socket.terminate();
  }

  #send(type: number, data: Buffer): void {
    const body = this.#layout === 'documented' ? opaque(data) : data;
    this.#socket.send(seal(this.#aesKey, Buffer.concat([word(type), body])));
  }
}

/** A server that knows docs/protocol.md and nothing else. It accepts SEQUENCE as it comes and remembers the last. */
export class ForeignServer {
  lastSequence = -1n;
  readonly accepted: ForeignMessage[] = [];
  readonly #layout: Layout;
  readonly #serverKey: KeyObject;
  readonly #clientKey: KeyObject;
  readonly #sockets: WebSocketServer;
  readonly #onPeer: (peer: ForeignPeer) => void;
  readonly #onMessage: (peer: ForeignPeer, message: ForeignMessage) => void;

  constructor(options: {
    layout: Layout;
    serverKey: KeyObject;
    clientKey: KeyObject;
    onPeer: (peer: ForeignPeer) => void;
    onMessage: (peer: ForeignPeer, message: ForeignMessage) => void;
  }) {
    this.#layout = options.layout;
    this.#serverKey = options.serverKey;
    this.#clientKey = options.clientKey;
    this.#onPeer = options.onPeer;
    this.#onMessage = options.onMessage;
    this.#sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    this.#sockets.on('connection', (socket) => void this.#serve(socket));
  }

  async url(): Promise<string> {
    if (this.#sockets.address() === null) await once(this.#sockets, 'listening');
    return `ws://127.0.0.1:${(this.#sockets.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #serve(socket: WebSocket): void {
    const dataToSign = randomBytes(32);
    const aesKey = randomBytes(32);
    let clientAesKey: Buffer | undefined;
    let lastSeenOrder = 0n;
    let peer: ForeignPeer | undefined;
    socket.on('error', () => undefined);
    socket.on('message', (frame: Buffer) => {
      if (clientAesKey === undefined) {
        const hello = new Fields(unOaep(this.#serverKey, frame));
        hello.opaque();
        lastSeenOrder = hello.hyper();
        clientAesKey = hello.opaque();
        const welcome = Buffer.concat([opaque(dataToSign), hyper(this.lastSequence), opaque(aesKey)]);
        socket.send(oaep(this.#clientKey, welcome));
      } else if (peer === undefined) {
        if (!isPss(this.#clientKey, dataToSign, frame)) return socket.close(1008);
        peer = new ForeignPeer(socket, this.#layout, lastSeenOrder, aesKey);
        peer.heartbeat();
        this.#onPeer(peer);
      } else {
        this.#receive(peer, open(clientAesKey, frame), socket);
      }
    });
  }

  #receive(peer: ForeignPeer, plaintext: Buffer, socket: WebSocket): void {
    const message = this.#read(plaintext);
    if (message.type === 1) {
      if (message.number !== this.lastSequence + 1n) return socket.close(4001);
      this.lastSequence = message.number;
      this.accepted.push(message);
    }
    peer.received.push(message);
    this.#onMessage(peer, message);
  }

  #read(plaintext: Buffer): ForeignMessage {
    const outer = new Fields(plaintext);
    const signature = outer.opaque();
    const outerType = this.#layout === 'documented' ? outer.word() : undefined;
    const data = outer.opaque();
    if (!isPss(this.#clientKey, data, signature)) throw new Error('the signature does not hold');
    const inner = new Fields(data);
    const type = outerType ?? inner.word();
    const number = inner.hyper();
    const json = inner.opaque().toString();
    if (inner.rest.length > 0 || outer.rest.length > 0) throw new Error('bytes after the last field');
    return { type, number, json };
  }
}
