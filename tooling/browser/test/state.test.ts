import { memoryClientState } from '@sealwire/store';
import { clientStateSuite } from '@sealwire/store/testkit';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chromium, ready } from './chromium.js';
import { inPage } from './in-page.js';

let browser: Chromium;
let page: Page;

beforeAll(async () => {
  browser = await Chromium.open('state');
  page = await browser.newPage();
}, 60_000);

afterAll(() => browser?.close());

const open = (on: Page, name: string) => on.evaluate((of) => window.control.open(of), name);
const append = (on: Page, from: number, count: number) =>
  on.evaluate(([first, many]) => window.control.append(first, many), [from, count] as const);
const stored = (on: Page) => on.evaluate(() => window.control.stored());

/** The suite is defined here for its names; each fact runs in the page. */
clientStateSuite(
  inPage(() => page),
  () => memoryClientState(),
  { reopen: (state) => state.reopen(), openBounded: () => memoryClientState() },
);

describe('IndexedDB of Chromium', () => {
  it('has what was confirmed after a reload that comes without a close', async () => {
    const own = await browser.newPage();
    expect(await open(own, 'reload')).toBe('resolved');
    for (let round = 0; round < 5; round++) {
      expect(await append(own, round * 10, 10)).toBe('resolved');
      expect(await own.evaluate((order) => window.control.save(order), round)).toBe('resolved');
      await own.reload();
      await ready(own);
      expect(await open(own, 'reload')).toBe('resolved');
      expect(await stored(own)).toEqual({
        next: round * 10 + 10,
        savedOrder: round,
        count: round * 10 + 10,
      });
    }
    await own.close();
  });

  it('has what was confirmed, and nothing half, after a page was killed at work', {
    timeout: 60_000,
  }, async () => {
    for (let round = 0; round < 5; round++) {
      const own = await browser.newPage();
      let confirmed = 0;
      const enough = new Promise<void>((resolve) => {
        own.on('console', (message) => {
          const [, number] = /^confirmed (\d+)$/.exec(message.text()) ?? [];
          if (number === undefined) return;
          confirmed = Math.max(confirmed, Number(number));
          if (confirmed > round * 150 + 100) resolve();
        });
      });
      expect(await open(own, 'killed')).toBe('resolved');
      await own.evaluate(() => window.control.work());
      await enough;
      await browser.kill(own);
      const after = await browser.newPage();
      expect(await open(after, 'killed')).toBe('resolved');
      const found = await stored(after);
      expect(found.next).toBeGreaterThanOrEqual(confirmed);
      expect(found).toEqual({ next: found.next, savedOrder: -1, count: found.next });
      expect(found.next % 3, 'whole calls').toBe(0);
      expect(await append(after, found.next, 3)).toBe('resolved');
      await after.close();
    }
  });

  it('gives the state to one page at a time', async () => {
    const [first, second] = [await browser.newPage(), await browser.newPage()];
    expect(await open(first, 'shared')).toBe('resolved');
    expect(await open(second, 'shared')).toBe('E_LOCKED');
    expect(await append(first, 0, 2)).toBe('resolved');
    await first.close();
    expect(await open(second, 'shared')).toBe('resolved');
    expect((await stored(second)).next).toBe(2);
    await second.close();
  });

  it('gives it to the newest page where there are no Web Locks', async () => {
    const [first, second] = [await browser.newPage(), await browser.newPage()];
    for (const own of [first, second]) {
      await own.evaluate(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
      expect(await open(own, 'unlocked')).toBe('resolved');
      expect(await append(own, 0, 0)).toBe('resolved');
    }
    expect(await append(first, 0, 2)).toBe('E_LOCKED');
    expect(await append(second, 0, 2)).toBe('resolved');
    await first.close();
    await second.close();
  });

  it('lets a newer version have the database, and says so', async () => {
    const [first, second] = [await browser.newPage(), await browser.newPage()];
    expect(await open(first, 'versions')).toBe('resolved');
    expect(await append(first, 0, 2)).toBe('resolved');
    expect(await second.evaluate(() => window.control.openVersion('versions', 2))).toBe('opened');
    expect(await append(first, 2, 2)).toBe('E_LOCKED');
    await first.close();
    expect(await open(second, 'versions')).toBe('E_FORMAT');
    await second.close();
  });

  it('says E_DISK_FULL when the quota is used up, keeps what was confirmed, and goes on with room', async () => {
    // An origin of its own, that nothing is stored for yet.
    const other = browser.origin.replace('127.0.0.1', 'localhost');
    const own = await browser.newPage(other);
    const devtools = await browser.context.newCDPSession(own);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: other, quotaSize: 4_000_000 });
    expect(await open(own, 'quota')).toBe('resolved');
    let next = 0;
    let code = await append(own, next, 500);
    while (code === 'resolved' && next < 6_000) {
      next += 500;
      code = await append(own, next, 500);
    }
    expect(code).toBe('E_DISK_FULL');
    expect(await append(own, next, 1)).toBe('E_DISK_FULL');
    expect(await own.evaluate(() => window.control.close())).toBe('resolved');
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: other });
    expect(await open(own, 'quota')).toBe('resolved');
    expect(await stored(own)).toEqual({ next, savedOrder: -1, count: next });
    expect(await append(own, next, 500)).toBe('resolved');
    await own.close();
  });

  it('has what was confirmed after the whole browser has crashed', { timeout: 60_000 }, async () => {
    expect(await open(page, 'restart')).toBe('resolved');
    expect(await append(page, 0, 50)).toBe('resolved');
    await browser.crash(page);
    await browser.start();
    page = await browser.newPage();
    expect(await open(page, 'restart')).toBe('resolved');
    expect(await stored(page)).toEqual({ next: 50, savedOrder: -1, count: 50 });
  });
});
