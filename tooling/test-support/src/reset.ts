import type { Socket } from 'node:net';

/**
 * Ends a connection with nothing but a RST. Node's own `resetAndDestroy` sends a FIN before it, which the peer may take
 * for an orderly end; the field is what it sets to make its `destroy` a reset. A connection whose FIN is on its way is
 * closed instead: libuv resets none of those, and the socket would never emit 'close'.
 */
export function reset(socket: Socket): void {
  const shutting = socket.writableEnded && !socket.writableFinished;
  if (!socket.connecting && !shutting) Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
