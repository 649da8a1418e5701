import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Link } from '@sealwire/transport';
import { WebSocketServer } from 'ws';
import type { ListenPlan } from './listen-options.js';
import { isLoopbackAddress } from './loopback.js';
import { Places } from './places.js';
import { NewcomersShare } from './share.js';
import { WsLink } from './ws-link.js';
import { wsOptions } from './ws-options.js';

export interface Upgrader {
  readonly upgrade: Upgrade;
  /** Nothing more becomes a link. */
  close(): void;
}

export type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** Turns upgrade requests into links, and refuses those that the plan does not allow. */
export function upgrader(plan: ListenPlan, accept: (link: Link) => void): Upgrader {
  const wss = new WebSocketServer({
    ...wsOptions(plan.limits),
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered) => plan.protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  const places = new Places(plan.maxConnections, plan.maxConnectionsPerAddress);
  const newcomers = new NewcomersShare();
  let closed = false;

  const upgrade: Upgrade = (request, socket, head) => {
    const secure = socket instanceof TLSSocket || plan.behindTlsProxy;
    if (!secure && !plan.allowPlaintext && !isLoopbackAddress(socket.remoteAddress)) {
      refuse(socket, 403);
      return;
    }
    const { origin } = request.headers;
    if (plan.allowedOrigins !== undefined && origin !== undefined && !plan.allowedOrigins.has(origin)) {
      refuse(socket, 403);
      return;
    }
    const { remoteAddress, local } = whereFrom(request, socket, plan);
    const full = places.full(remoteAddress);
    if (full !== undefined) {
      refuse(socket, full === 'maxConnections' ? 503 : 429, { 'Retry-After': '1' });
      return plan.onFull(full, remoteAddress);
    }
    socket.once('close', places.take(remoteAddress));
    const onError = () => socket.destroy();
    socket.on('error', onError);
    newcomers.add(() => {
      if (socket.destroyed) return;
      socket.off('error', onError);
      if (closed) return refuse(socket, 503, { 'Retry-After': '1' });
      wss.handleUpgrade(request, socket, head, (ws) => {
        accept(new WsLink(ws, socket, plan.limits, { masks: false, secure, remoteAddress, local }));
      });
    });
  };
  return {
    upgrade,
    close() {
      closed = true;
    },
  };
}

function whereFrom({ headers }: IncomingMessage, { remoteAddress }: Socket, { behindTlsProxy }: ListenPlan) {
  if (!behindTlsProxy) return { remoteAddress, local: isLoopbackAddress(remoteAddress) };
  // Only the last address was written by the proxy in front; those before it are the peer's own claims.
  const forwarded = headers['x-forwarded-for'];
  const last = [forwarded].flat().join(',').split(',').at(-1)?.trim() ?? '';
  return { remoteAddress: isIP(last) === 0 ? remoteAddress : last, local: false };
}

/** Answers an upgrade request with an HTTP status. */
export function refuse(socket: Socket, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const all = { ...headers, Connection: 'close', 'Content-Length': '0' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`, () => socket.destroy());
}
