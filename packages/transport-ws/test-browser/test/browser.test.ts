import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryTransport } from '@sealwire/transport';
import { linkSuite } from '@sealwire/transport/testkit';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { rawServer } from '../../test/raw.js';
import { capabilities } from './control.js';
import { obey } from './remote-control.js';

const { CHROMIUM_PATH: executablePath = '/usr/bin/chromium' } = process.env;
const profile = mkdtempSync(join(tmpdir(), 'sealwire-chromium-'));
const server = createServer();
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(
      `there is no Chromium at ${executablePath}: install one, or say where it is with CHROMIUM_PATH`,
    );
  }
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  });
  server.on('request', ({ url }, response) => {
    const script = url === '/page.js';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ? outputFiles[0]?.contents : '<script type="module" src="page.js"></script>');
  });
  new WebSocketServer({ server, path: '/control' }).on('connection', obey);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await context.newPage();
  await page.goto(`http://127.0.0.1:${address.port}/`);
  await page.waitForFunction(() => 'codeOfDial' in window);
}, 60_000);

afterAll(async () => {
  await context?.close();
  server.close();
  server.closeAllConnections();
  rmSync(profile, { recursive: true, force: true });
});

/** The suite is defined here for its names; each fact runs in the page. */
const memory = memoryTransport();
linkSuite(
  { describe, it: (name) => it(name, () => page.evaluate((fact) => window.run(fact), name)) },
  {
    name: 'WebSocket of Chromium',
    listen: memory.listen,
    dialer: () => memory.dial,
    ...capabilities,
    sendText: async () => {},
  },
);

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
    const [port, silent] = await rawServer(() => {});
    const url = `ws://127.0.0.1:${port}`;
    expect(await page.evaluate((to) => window.codeOfDial(to), url)).toBe('E_DIAL_TIMEOUT');
    silent.close();
    const [refusing, answering] = await rawServer((peer) => {
      peer.socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    });
    expect(await page.evaluate((to) => window.codeOfDial(to), `ws://127.0.0.1:${refusing}`)).toBe(
      'E_DIAL_FAILED',
    );
    answering.close();
  });
});
