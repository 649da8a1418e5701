import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const upgrade =
  'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** With a mask of zeros, which is a mask too. */
function encode(payload: Uint8Array, opcode: number): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 6 : 8);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | Math.min(length, 126);
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

/** Leaves a frame at a server and waits for nothing. */
export async function throwAt(port: number, from: string, payload: Uint8Array): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  socket.write(Buffer.concat([Buffer.from(upgrade), encode(payload, opcodes.binary)]));
  socket.destroySoon();
}

export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A TCP connection after its upgrade: it sends whatever it is told to, and keeps every byte that comes. */
export class RawClient {
  /** All bytes after the head of the answer. */
  bytes: Buffer = Buffer.alloc(0);
  readonly frames: RawFrame[] = [];
  readonly #socket: Socket;
  #read = 0;
  #taken = 0;
  #ended = false;
  #changed = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param from an address of this machine to come from, such as 127.0.0.2 */
  static async connect(port: number, from = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true });
    const client = new RawClient(socket);
    let head = Buffer.alloc(0);
    let answered = (): void => {};
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    socket.on('error', () => client.#end());
    socket.on('close', () => {
      answered();
      client.#end();
    });
    socket.on('data', (chunk) => {
      if (head.indexOf('\r\n\r\n') !== -1) return client.#receive(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      answered();
      if (end + 4 < head.length) client.#receive(head.subarray(end + 4));
    });
    await once(socket, 'connect');
    socket.write(upgrade);
    await answer;
    return client;
  }

  send(payload: Uint8Array, opcode: number = opcodes.binary): void {
    this.#socket.write(encode(payload, opcode));
  }

  /** The next frame; undefined where the connection ended. */
  async next(): Promise<RawFrame | undefined> {
    while (this.frames.length === this.#taken && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    const frame = this.frames[this.#taken];
    this.#taken += 1;
    return frame;
  }

  /** Resolves with the close frame's code, or 1006 where none came. */
  async closed(): Promise<number> {
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) return 1006;
      if (frame.opcode === opcodes.close)
        return frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    for (;;) {
      const rest = this.bytes.subarray(this.#read);
      const short = (rest[1] ?? 0) & 0x7f;
      const header = short === 126 ? 4 : 2;
      if (rest.length < header) break;
      const length = short === 126 ? rest.readUInt16BE(2) : short;
      if (rest.length < header + length) break;
      const opcode = (rest[0] ?? 0) & 15;
      const payload = rest.subarray(header, header + length);
      this.frames.push({ opcode, payload });
      if (opcode === opcodes.ping) this.send(payload, opcodes.pong);
      this.#read += header + length;
    }
    this.#changed();
  }

  #end(): void {
    this.#ended = true;
    this.#changed();
  }
}
