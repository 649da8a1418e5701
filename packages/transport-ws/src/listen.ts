import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import { type Listen, TransportError } from '@sealwire/transport';
import { checkListen, type ListenOptions, type ListenPlan } from './listen-options.js';
import { PendingUpgrades } from './pending-upgrades.js';
import { refuse, type Upgrade, type Upgrader, upgrader } from './upgrade.js';

/**
 * Accepts links at a WebSocket server: an own one, or the HTTP server of the application.
 * @throws TransportError `E_OPTION` or `E_INSECURE` at once; `E_PORT_IN_USE` and `E_LISTEN` reject the call of the
 * returned function.
 */
export function listenWebSocket(options: ListenOptions): Listen {
  const plan = checkListen(options);
  return async (accept) => {
    const newLinks = upgrader(plan, accept);
    return plan.server === undefined
      ? await listenAlone(plan, newLinks)
      : await attach(plan.server, plan, newLinks);
  };
}

async function listenAlone(plan: ListenPlan, newLinks: Upgrader) {
  const server = createServer(plan);
  const pending = new PendingUpgrades(plan);
  server.on('connection', (socket: Socket) => pending.add(socket));
  server.on('upgrade', (request, socket: Socket, head) => {
    pending.upgraded(socket);
    if (pathOf(request.url) === plan.path) newLinks.upgrade(request, socket, head);
    else refuse(socket, 404);
  });
  server.listen({ port: plan.port, host: plan.host });
  await listening(server, `port ${plan.port} of ${plan.host}`);
  server.on('error', plan.onError);
  return {
    url: urlOf(server, plan.path),
    async close() {
      newLinks.close();
      server.close();
      // What has not become a link by now never will.
      server.closeAllConnections();
    },
  };
}

async function attach(server: HttpServer, plan: ListenPlan, newLinks: Upgrader) {
  const onUpgrade: Upgrade = (request, socket, head) => {
    if (pathOf(request.url) === plan.path) newLinks.upgrade(request, socket, head);
  };
  server.on('upgrade', onUpgrade);
  if (!server.listening) await listening(server, 'the port of the given server');
  return {
    url: urlOf(server, plan.path),
    async close() {
      newLinks.close();
      server.off('upgrade', onUpgrade);
    },
  };
}

const MAX_HEADER_BYTES = 8 * 1024;

function createServer(plan: ListenPlan): HttpServer {
  const http = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: plan.upgradeTimeout,
    requestTimeout: plan.upgradeTimeout,
    connectionsCheckingInterval: Math.min(1_000, plan.upgradeTimeout),
  };
  if (plan.tls === undefined) return createHttpServer(http, upgradeRequired);
  return createHttpsServer(
    { ...http, ...plan.tls, minVersion: 'TLSv1.2', handshakeTimeout: plan.upgradeTimeout },
    upgradeRequired,
  );
}

const upgradeRequired: RequestListener = (_request, response) => {
  response
    .writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close', 'Content-Length': '0' })
    .end();
};

async function listening(server: HttpServer, where: string): Promise<void> {
  try {
    await once(server, 'listening');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
      throw new TransportError(
        'E_PORT_IN_USE',
        `${where} is in use: stop the program that has it, or choose another port (0 picks a free one)`,
        { cause },
      );
    }
    throw new TransportError('E_LISTEN', `cannot listen at ${where}`, { cause });
  }
}

function pathOf(target: string | undefined): string | undefined {
  return target?.split('?', 1)[0];
}

const WILDCARDS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** Where a program on this machine dials; a wildcard address is dialed at loopback. */
function urlOf(server: HttpServer, path: string): string {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new TransportError('E_LISTEN', 'the server listens at no TCP port: a WebSocket link needs one');
  }
  const host = WILDCARDS.get(address.address) ?? address.address;
  const scheme = server instanceof HttpsServer ? 'wss' : 'ws';
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${address.port}${path}`;
}
