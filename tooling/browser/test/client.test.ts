import { crypto } from '@sealwire/crypto';
import { type Server, serve } from '@sealwire/server';
import { type FaultLink, FaultProxy } from '@sealwire/test-support';
import { listenWebSocket } from '@sealwire/transport-ws';
import keys from '@sealwire/vectors/keys.json' with { type: 'json' };
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chromium } from './chromium.js';
import type { Plan } from './pages/client.js';

const { server2048, client2048 } = keys.keys;

interface Sent {
  readonly run: number;
  readonly n: number;
}
interface Handled {
  readonly order: number;
  readonly payload: unknown;
  readonly possiblyHandled: boolean;
}

let browser: Chromium;
let server: Server;
let proxy: FaultProxy;
/** What the server's handler was given. */
let accepted: Sent[];
/** What the handlers of each page were given: written down here before a handler ends. */
let pages: Handled[][];
/** How many messages the last page knows to be handed over. */
let handedOver: number;
let stops: string[];
/** Done to each new link before it carries a byte. */
let onLink: (link: FaultLink) => void;

beforeAll(async () => {
  browser = await Chromium.open('client');
}, 60_000);

afterAll(() => browser?.close());

beforeEach(async () => {
  [accepted, pages, handedOver, stops, onLink] = [[], [], 0, [], () => {}];
  const { publicKey } = await crypto.importPrivateKey(client2048.privatePkcs8);
  server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey: await crypto.importPrivateKey(server2048.privatePkcs8),
    clients: new Map([['alice', { publicKey }]]),
    onMessage: ({ payload }, tx) => {
      accepted.push(payload as Sent);
      tx.publish({ echo: payload });
    },
    onRequest: ({ payload }) => ({ echo: payload }),
  });
  const port = Number(new URL(server.urls[0] ?? '').port);
  proxy = await FaultProxy.open({ port }, { onLink: (link) => onLink(link) });
});

afterEach(async () => {
  await Promise.all([server.close(), proxy.close()]);
});

async function open(state: string, checkpoint: boolean): Promise<{ page: Page; hardening: string }> {
  const handled: Handled[] = [];
  pages.push(handled);
  handedOver = 0;
  const page = await browser.newPage(browser.origin, async (fresh) => {
    await fresh.exposeFunction('handled', (order: number, payload: unknown, possiblyHandled: boolean) => {
      handled.push({ order, payload, possiblyHandled });
    });
    await fresh.exposeFunction('handedOver', () => {
      handedOver += 1;
    });
    await fresh.exposeFunction('stopped', (reason: string) => stops.push(reason));
  });
  const plan: Plan = {
    url: `ws://127.0.0.1:${proxy.port}`,
    clientKey: client2048.privatePkcs8,
    serverKey: server2048.publicSpki,
    state,
    checkpoint,
  };
  const hardening = await page.evaluate((of) => window.trader.start(of), plan);
  return { page, hardening };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe.each([true, false])('a client in Chromium (checkpoint %s)', (checkpoint) => {
  it('proves itself, sends, calls and receives, hardened, with the keys of WebCrypto', {
    timeout: 120_000,
  }, async () => {
    const { page, hardening } = await open(`plain-${checkpoint}`, checkpoint);
    expect(hardening).toBe('hardened');
    expect(await page.evaluate(() => window.trader.send(0, 100))).toEqual(['accepted']);
    expect(await page.evaluate(() => window.trader.call({ ask: 'é ☃' }))).toEqual({ echo: { ask: 'é ☃' } });
    expect(accepted).toEqual(numbers(100).map((n) => ({ run: 0, n })));
    await expect.poll(() => pages[0]?.length, { timeout: 60_000 }).toBe(100);
    expect(pages[0]).toEqual(
      accepted.map((echo, index) => ({ order: index + 1, payload: { echo }, possiblyHandled: false })),
    );
    await page.evaluate(() => window.trader.close());
    await page.close();
    expect(stops).toEqual([]);
  });

  it('loses, doubles and reorders nothing while its link is cut again and again [N1, N5]', {
    timeout: 120_000,
  }, async () => {
    onLink = (link) => {
      if (link.number <= 8) link.cutAfter(8_000 * link.number);
    };
    const { page } = await open(`cuts-${checkpoint}`, checkpoint);
    const done = page.evaluate(() => window.trader.send(0, 400));
    // Without Checkpoint the client cannot always tell accepted from refused.
    expect(['accepted', 'consumed']).toEqual(expect.arrayContaining(await done));
    expect(accepted).toEqual(numbers(400).map((n) => ({ run: 0, n })));
    await expect.poll(() => pages[0]?.length, { timeout: 60_000 }).toBe(400);
    expect(pages[0]?.map(({ order }) => order)).toEqual(numbers(400).map((n) => n + 1));
    expect(proxy.cuts).toBeGreaterThan(3);
    await page.evaluate(() => window.trader.close());
    await page.close();
    expect(stops).toEqual([]);
  });

  it('goes on with what it had handed over and handled when its page is killed at work [P7, P8, P9]', {
    timeout: 120_000,
  }, async () => {
    const runs = 4;
    const known: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { page } = await open(`killed-${checkpoint}`, checkpoint);
      const before = accepted.length;
      void page.evaluate((of) => window.trader.send(of, 250), run).catch(() => {});
      await expect.poll(() => handedOver, { timeout: 60_000 }).toBeGreaterThan(50);
      await expect.poll(() => accepted.length, { timeout: 60_000 }).toBeGreaterThan(before + 20);
      await browser.kill(page);
      known.push(handedOver);
    }
    const { page } = await open(`killed-${checkpoint}`, checkpoint);
    await page.evaluate(() => window.trader.flush());
    // Of each run a beginning arrived, whole and in order, and all that was handed over is in it.
    for (const [run, handed] of known.entries()) {
      const arrived = accepted.filter((sent) => sent.run === run).map(({ n }) => n);
      expect(arrived).toEqual(numbers(arrived.length));
      expect(arrived.length).toBeGreaterThanOrEqual(handed);
    }
    expect(accepted.map(({ run }) => run)).toEqual(accepted.map(({ run }) => run).toSorted((a, b) => a - b));
    const last = accepted.length;
    await expect.poll(() => pages.at(-1)?.at(-1)?.order, { timeout: 60_000 }).toBe(last);
    let handled = 0;
    for (const events of pages) {
      for (const { order, payload, possiblyHandled } of events) {
        // No event is passed over, and one that comes again says so.
        if (order <= handled) expect(possiblyHandled).toBe(true);
        expect(order).toBeLessThanOrEqual(handled + 1);
        expect(payload).toEqual({ echo: accepted[order - 1] });
        handled = Math.max(handled, order);
      }
      expect(events.map(({ order }) => order)).toEqual(
        events.map((_, index) => (events[0]?.order ?? 0) + index),
      );
    }
    expect(handled).toBe(last);
    await page.evaluate(() => window.trader.close());
    await page.close();
    expect(stops).toEqual([]);
  });
});
