import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A TCP proxy that resets a connection when it has carried a given number of bytes, in either direction: in the
 * middle of the upgrade, of the handshake or of a frame, wherever the number falls.
 */
export class CuttingProxy {
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #nextBudget: () => number;

  /** @param nextBudget bytes that the next connection may carry; Infinity for one that is not cut */
  constructor(targetPort: number, nextBudget: () => number) {
    this.#nextBudget = nextBudget;
    this.#server = createServer((inner) => this.#carry(inner, connect(targetPort, '127.0.0.1')));
    this.#server.listen(0, '127.0.0.1');
  }

  async port(): Promise<number> {
    if (!this.#server.listening) await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #carry(near: Socket, far: Socket): void {
    let budget = this.#nextBudget();
    const forward = (from: Socket, to: Socket): void => {
      this.#sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        if (bytes.length < budget) {
          budget -= bytes.length;
          to.write(bytes);
          return;
        }
        if (budget >= 0) this.cuts += 1;
        to.write(bytes.subarray(0, Math.max(0, budget)), () => {
          near.resetAndDestroy();
          far.resetAndDestroy();
        });
        budget = -1;
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    };
    forward(near, far);
    forward(far, near);
  }
}
