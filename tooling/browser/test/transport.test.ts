import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { memoryTransport } from '@sealwire/transport';
import { linkSuite } from '@sealwire/transport/testkit';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Chromium } from './chromium.js';
import { inPage } from './in-page.js';
import { capabilities } from './pages/control.js';
import { obey } from './remote-control.js';

let browser: Chromium;
let page: Page;

beforeAll(async () => {
  browser = await Chromium.open('transport');
  new WebSocketServer({ server: browser.server, path: '/control' }).on('connection', obey);
  page = await browser.newPage();
}, 60_000);

afterAll(() => browser?.close());

/** The suite is defined here for its names: the memory transport is never dialled. */
const memory = memoryTransport();
linkSuite(
  inPage(() => page),
  {
    name: 'WebSocket of Chromium',
    listen: memory.listen,
    dialer: () => memory.dial,
    ...capabilities,
    sendText: async () => {},
  },
);

/** A TCP server that hands over each connection when something has come. */
async function tcpServer(serve: (socket: Socket) => void): Promise<[number, Server]> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => serve(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [(server.address() as AddressInfo).port, server];
}

describe('WebSocket of Chromium', () => {
  it('ends a link with 1009 at a message above maxPayload', async () => {
    const close = await page.evaluate(() => window.closeAfter([1, 1_000, 1_001, 2], false));
    expect(close).toEqual({ code: 1009, reason: '', frames: 2 });
  });

  it('ends a link with 1008 when more than maxWaitingBytes come before it is started', async () => {
    const close = await page.evaluate(() => window.closeAfter([1_000, 501], true));
    expect(close).toEqual({ code: 1008, reason: '', frames: 0 });
  });

  it('fails a dial that is refused, without a reason, and times out one that is never answered', async () => {
    const [port, silent] = await tcpServer(() => {});
    const url = `ws://127.0.0.1:${port}`;
    expect(await page.evaluate((to) => window.codeOfDial(to), url)).toBe('E_DIAL_TIMEOUT');
    silent.close();
    const [refusing, answering] = await tcpServer((socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    });
    expect(await page.evaluate((to) => window.codeOfDial(to), `ws://127.0.0.1:${refusing}`)).toBe(
      'E_DIAL_FAILED',
    );
    answering.close();
  });
});
