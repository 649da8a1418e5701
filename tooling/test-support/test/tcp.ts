import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FaultProxy, type FaultProxyOptions } from '../src/index.js';

const open: { server: Server; sockets: Set<Socket>; proxy: FaultProxy }[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const { server, sockets, proxy } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await proxy.close();
  }
}

/** A server that does what `serve` says, behind a proxy. */
export async function behindProxy(serve: (socket: Socket) => void, options: FaultProxyOptions = {}) {
  const sockets = new Set<Socket>();
  const hold = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    hold(socket);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await FaultProxy.open({ port: (server.address() as AddressInfo).port }, options);
  open.push({ server, sockets, proxy });
  const dial = (): Socket => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    hold(socket);
    return socket;
  };
  return { proxy, dial };
}

export const echo = (socket: Socket): void => {
  socket.pipe(socket);
};

/** What it got, and the error code it ended with. */
export async function endOf(socket: Socket): Promise<{ text: string; code: string | undefined }> {
  let [text, code]: [string, string | undefined] = ['', undefined];
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  socket.once('end', () => socket.end());
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { text, code };
}

/** Resolves when so many bytes have come, with them. */
export function received(socket: Socket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.length < length) return;
      socket.off('data', take);
      resolve(text);
    };
    socket.on('data', take);
  });
}
