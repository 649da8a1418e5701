import {
  type Crypto,
  CryptoError,
  type PrivateKey,
  type PublicKey,
  crypto as realCrypto,
} from '@sealwire/crypto';
import type { Random } from '../world/random.js';
import type { SimProcess } from '../world/sim-process.js';
import { stubOpener, stubSealer } from './stub-cipher.js';
import { stubHash } from './stub-hash.js';
import { type RunRsa, stubPrivateKey, stubPublicKey } from './stub-rsa.js';

/** The cryptography of one process: the interface for client and server, and its keys by name. */
export interface SimCrypto {
  readonly crypto: Crypto;
  publicKey(name: string): PublicKey;
  privateKey(name: string): PrivateKey;
}

/** Results come after a random part of this time, so that they overtake each other. */
export function virtualRsa(process: SimProcess, random: Random, longest: number): RunRsa {
  return (operation) =>
    new Promise((resolve, reject) => {
      // Some take no time at all: then everything happens within one step.
      const delay = random.chance(0.3) ? 0 : random.next() * longest;
      const settle = (): void => {
        try {
          resolve(operation());
        } catch (error) {
          reject(error);
        }
      };
      if (delay === 0) settle();
      else process.later(delay, settle);
    });
}

/** Cheap and repeatable, and yet no mistake in the protocol passes it. */
export function stubCrypto(process: SimProcess, random: Random, longest: number): SimCrypto {
  const run = virtualRsa(process, random.fork('delay'), longest);
  const salt = random.fork('salt');
  const draw = random.fork('bytes');
  const unused = (): never => {
    throw new CryptoError('E_ARGUMENT', 'the stub has named keys only');
  };
  return {
    crypto: {
      ...realCrypto,
      ...stubHash,
      randomBytes: (length) => draw.bytes(length),
      importPublicKey: async () => unused(),
      importPrivateKey: async () => unused(),
      generateKeyPair: async () => unused(),
      createSealer: stubSealer,
      createOpener: stubOpener,
    },
    publicKey: (name) => stubPublicKey(name, salt, run),
    privateKey: (name) => stubPrivateKey(name, salt, run),
  };
}
