import type { Crypto, PrivateKeyOptions } from '../types.js';

/** What every test runner has: vitest, jest, mocha and node:test fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => void | Promise<void>): unknown;
}

export interface Party {
  readonly crypto: Crypto;
  /** Given with every import and generation of a private key, for back ends that ask for consent. */
  readonly privateKeyOptions?: PrivateKeyOptions;
}

export interface CryptoSuiteOptions extends Omit<Party, 'crypto'> {
  /** Whether encrypted PKCS#8 can be opened; if not, the code must be `E_KEY_UNSUPPORTED`. Default true. */
  readonly encryptedKeys?: boolean;
  /** Other back ends: each must understand what the tested one makes, and the other way round. */
  readonly peers?: readonly Party[];
}
