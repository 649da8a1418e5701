import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Direction = 'to-server' | 'to-client';

/** A TCP proxy that delays bytes, or swallows those of one direction without closing anything. */
export class StallingProxy {
  readonly #server;
  readonly #sockets = new Set<Socket>();
  readonly #stalled = new Set<Direction>();

  /** @param delayMs how long each byte is under way, each way */
  constructor(targetPort: number, delayMs: number) {
    this.#server = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1');
      this.#carry(near, far, 'to-server', delayMs);
      this.#carry(far, near, 'to-client', delayMs);
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** From now on nothing arrives in that direction. */
  stall(direction: Direction): void {
    this.#stalled.add(direction);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #carry(from: Socket, to: Socket, direction: Direction, delayMs: number): void {
    this.#sockets.add(from);
    const later = (act: () => void) => (delayMs === 0 ? act() : void setTimeout(act, delayMs));
    from.on('data', (bytes) => {
      later(() => {
        if (!this.#stalled.has(direction) && !to.destroyed) to.write(bytes);
      });
    });
    from.on('error', () => {});
    // A link that is swallowed does not carry the news of its end either.
    from.on('close', () => {
      this.#sockets.delete(from);
      later(() => {
        if (!this.#stalled.has(direction)) to.destroy();
      });
    });
  }
}
