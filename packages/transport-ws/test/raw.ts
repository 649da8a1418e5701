import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Link, LinkClose, LinkEvents, Listener } from '@sealwire/transport';
import { type ListenOptions, listenWebSocket } from '../src/index.js';

/** A frame as a client sends it; the masking key is zero, so the payload stays readable. */
export function clientFrame(head: number, payload: Uint8Array | string): Buffer {
  const body = Buffer.from(payload);
  const length =
    body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([head, ...length, 0, 0, 0, 0]), body]);
}

export const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: test',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

export function request(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Writes down what a link tells. */
export class Witness implements LinkEvents {
  readonly lists: string[][] = [];
  readonly closes: LinkClose[] = [];
  texts = 0;
  pongs = 0;
  /** Bytes of the buffers behind the frames. */
  kept = 0;
  #changed = () => {};

  frames(frames: readonly Uint8Array[]): void {
    this.lists.push(frames.map((frame) => new TextDecoder().decode(frame)));
    for (const buffer of new Set(frames.map((frame) => frame.buffer))) this.kept += buffer.byteLength;
    this.#changed();
  }

  text(): void {
    this.texts++;
    this.lists.push(['a text message']);
    this.#changed();
  }

  drain(): void {}

  pong(): void {
    this.pongs++;
    this.#changed();
  }

  close(close: LinkClose): void {
    this.closes.push(close);
    this.#changed();
  }

  async until(fact: (witness: this) => boolean): Promise<void> {
    while (!fact(this)) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async closed(): Promise<LinkClose | undefined> {
    await this.until(() => this.closes.length > 0);
    return this.closes[0];
  }
}

/** A socket that remembers what came. */
export class RawPeer {
  readonly socket: Socket;
  received = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
  }

  async until(fact: (received: Buffer) => boolean): Promise<Buffer> {
    while (!fact(this.received)) await once(this.socket, 'data');
    return this.received;
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<Buffer> {
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve));
    return this.received;
  }

  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }
}

export async function rawConnect(
  listener: Listener,
  options: { allowHalfOpen?: boolean } = {},
): Promise<RawPeer> {
  const { hostname, port } = new URL(listener.url);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  await once(socket, 'connect');
  return new RawPeer(socket);
}

export interface Attacked {
  readonly peer: RawPeer;
  readonly link: Link;
  readonly witness: Witness;
  readonly listener: Listener;
}

/** A listener of ours with a raw socket that has upgraded, as a hostile client would. */
export async function attacked(options: Partial<ListenOptions> = {}, half = false): Promise<Attacked> {
  const links: Link[] = [];
  const listener = await listenWebSocket({ port: 0, ...options })((link) => links.push(link));
  const peer = await rawConnect(listener, { allowHalfOpen: half });
  await peer.write(request(UPGRADE));
  await peer.until((received) => received.includes('\r\n\r\n'));
  peer.received = peer.received.subarray(peer.received.indexOf('\r\n\r\n') + 4);
  const [link] = links;
  if (link === undefined) throw new Error('no link was accepted');
  const witness = new Witness();
  link.start(witness);
  return { peer, link, witness, listener };
}

export async function release({ peer, link, listener }: Attacked): Promise<void> {
  peer.socket.destroy();
  link.terminate();
  await listener.close();
}

/** A TCP server that hands each connection to `serve` once the request head has come; gives its port. */
export async function rawServer(serve: (peer: RawPeer, head: string) => void): Promise<[number, Server]> {
  const server = createServer(async (socket) => {
    const peer = new RawPeer(socket);
    const head = await peer.until((received) => received.includes('\r\n\r\n'));
    serve(peer, head.toString());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return [address.port, server];
}
