import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const { CHROMIUM_PATH: executablePath = '/usr/bin/chromium' } = process.env;

/** A real Chromium, and a server on loopback whose only page is one module of `pages`, bundled as an application would. */
export class Chromium {
  /** For WebSockets between the page and the test. */
  readonly server: Server;
  readonly #profile = mkdtempSync(join(tmpdir(), 'sealwire-chromium-'));
  #context: BrowserContext | undefined;

  static async open(module: string): Promise<Chromium> {
    if (!existsSync(executablePath)) {
      throw new Error(
        `there is no Chromium at ${executablePath}: install one, or say where it is with CHROMIUM_PATH`,
      );
    }
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL(`pages/${module}.ts`, import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    });
    const browser = new Chromium(outputFiles[0]?.contents ?? new Uint8Array());
    await new Promise<void>((resolve) => browser.server.listen(0, '127.0.0.1', resolve));
    await browser.start();
    return browser;
  }

  private constructor(script: Uint8Array) {
    this.server = createServer(({ url }, response) => {
      const isScript = url === '/page.js';
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<script type="module" src="page.js"></script>');
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get context(): BrowserContext {
    if (this.#context === undefined) throw new Error('Chromium does not run');
    return this.#context;
  }

  /** Starts the browser, also again after a crash: the profile on disk stays the same. */
  async start(): Promise<void> {
    this.#context = await chromium.launchPersistentContext(this.#profile, {
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
  }

  /** @param prepare what has to be there before the module of the page runs */
  async newPage(
    origin = this.origin,
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<Page> {
    const page = await this.context.newPage();
    await prepare(page);
    await page.goto(origin);
    await ready(page);
    return page;
  }

  /** Ends the process of a page, as when memory runs out. */
  async kill(page: Page): Promise<void> {
    const crashed = page.waitForEvent('crash');
    const devtools = await this.context.newCDPSession(page);
    void devtools.send('Page.crash').catch(() => {});
    await crashed;
    await page.close();
  }

  /** Ends the whole browser in the same way. */
  async crash(page: Page): Promise<void> {
    const closed = this.context.waitForEvent('close');
    const devtools = await this.context.newCDPSession(page);
    void devtools.send('Browser.crash').catch(() => {});
    await closed;
  }

  async close(): Promise<void> {
    await this.#context?.close();
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}

/** Resolves when the module of the page has run to its end. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => document.title === 'ready');
}
