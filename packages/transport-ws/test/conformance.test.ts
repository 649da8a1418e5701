import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Listen } from '@sealwire/transport';
import { linkSuite } from '@sealwire/transport/testkit';
import { describe, it } from 'vitest';
import { WebSocket } from 'ws';
import { dialWebSocket, listenWebSocket } from '../src/index.js';
import { testOnly } from './certificate.js';
import { clientFrame } from './raw.js';

const end = { holdsBack: true, pausing: true, pinging: true, hearing: true, cutting: true, allCodes: true };

/** Short, because the facts wait for it. */
const closeTimeout = 1_000;

async function sendText(url: string): Promise<void> {
  const ws = new WebSocket(url, { ca: testOnly.cert });
  ws.on('error', () => {});
  await once(ws, 'open');
  ws.send('text');
}

async function sendCloseCode(url: string, code: number): Promise<void> {
  const ws = new WebSocket(url, { ca: testOnly.cert });
  ws.on('error', () => {});
  let socket: Socket | undefined;
  ws.on('upgrade', (response) => {
    socket = response.socket;
  });
  await once(ws, 'open');
  socket?.write(clientFrame(0x88, Buffer.from([code >> 8, code & 0xff])));
}

linkSuite(
  { describe, it },
  {
    name: 'ws',
    listen: listenWebSocket({ port: 0, closeTimeout }),
    dialer: (url) => dialWebSocket(url, { closeTimeout }),
    client: end,
    server: end,
    closeTimeout,
    sendText,
    sendCloseCode,
  },
);

linkSuite(
  { describe, it },
  {
    name: 'wss',
    listen: listenWebSocket({ port: 0, tls: testOnly, path: '/feed', closeTimeout }),
    dialer: (url) => dialWebSocket(url, { tls: { ca: testOnly.cert }, closeTimeout }),
    client: end,
    server: end,
    closeTimeout,
    sendText,
    sendCloseCode,
  },
);

linkSuite(
  { describe, it },
  {
    name: 'ws, attached to an HTTP server, messages up to 1 MiB',
    listen: attached,
    dialer: (url) => dialWebSocket(url, { maxPayload: 1_048_576, closeTimeout }),
    client: end,
    server: end,
    closeTimeout,
    sendText,
    sendCloseCode,
  },
);

async function attached(accept: Parameters<Listen>[0]) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listener = await listenWebSocket({ server, path: '/attached', maxPayload: 1_048_576, closeTimeout })(
    accept,
  );
  return {
    url: listener.url,
    async close() {
      await listener.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
