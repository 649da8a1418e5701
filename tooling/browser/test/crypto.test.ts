import { cryptoSuite } from '@sealwire/crypto/testkit';
import { crypto } from '@sealwire/crypto/web';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { Chromium } from './chromium.js';
import { inPage } from './in-page.js';

let browser: Chromium;
let page: Page;

beforeAll(async () => {
  browser = await Chromium.open('crypto');
  page = await browser.newPage();
}, 60_000);

afterAll(() => browser?.close());

cryptoSuite(
  inPage(() => page),
  crypto,
  { encryptedKeys: false },
);
