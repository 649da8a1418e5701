import { digestSuite } from './testkit/digests.js';
import { frameInterop, frameSuite } from './testkit/frames.js';
import { keyFileSuite } from './testkit/key-files.js';
import { rsaInterop, rsaSuite } from './testkit/rsa.js';
import type { CryptoSuiteOptions, TestRunner } from './testkit/suite.js';
import type { Crypto } from './types.js';

export type { CryptoSuiteOptions, Party, TestRunner } from './testkit/suite.js';

/**
 * Registers the tests that every back end has to pass. The assertions are built in, so that any runner with
 * `describe` and `it` will do: `cryptoSuite({ describe, it }, crypto)`.
 */
export function cryptoSuite(runner: TestRunner, crypto: Crypto, options: CryptoSuiteOptions = {}): void {
  const self = { ...options, crypto };
  runner.describe(`the ${crypto.backend} back end`, () => {
    digestSuite(runner, crypto);
    keyFileSuite(runner, crypto, options);
    rsaSuite(runner, crypto, options);
    frameSuite(runner, crypto);
    for (const peer of options.peers ?? []) {
      runner.describe(`to the ${peer.crypto.backend} back end`, () => {
        rsaInterop(runner, self, peer);
        frameInterop(runner, self, peer);
      });
      runner.describe(`from the ${peer.crypto.backend} back end`, () => {
        rsaInterop(runner, peer, self);
        frameInterop(runner, peer, self);
      });
    }
  });
}
