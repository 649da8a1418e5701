import type { Socket } from 'node:net';

/**
 * Ends a connection with nothing but a RST. Node's own `resetAndDestroy` sends a FIN before it, which the peer may take
 * for an orderly end; the field is what it sets to make its `destroy` a reset.
 */
export function reset(socket: Socket): void {
  if (!socket.connecting) Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
