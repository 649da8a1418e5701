import { type KeyPair, type PrivateKey, type PublicKey, crypto as platform } from '@sealwire/crypto';
import type { Random, SimCrypto, SimProcess } from '@sealwire/testing';
import { clientName } from '../actors/payloads.js';

/** As many clients as a plan may have. */
const maxClients = 3;
const keys = new Map<string, Promise<KeyPair>>();

/** The key pairs of all that may take part, made once in a thread. */
export async function realKeys(): Promise<ReadonlyMap<string, KeyPair>> {
  const names = ['server', ...Array.from({ length: maxClients }, (_, index) => clientName(index))];
  const pairs = names.map(async (name): Promise<[string, KeyPair]> => {
    const made = keys.get(name) ?? platform.generateKeyPair();
    keys.set(name, made);
    return [name, await made];
  });
  return new Map(await Promise.all(pairs));
}

/** RSA operations that the platform works on: time stands still until they are done. */
export class RealWork {
  #running = 0;

  get busy(): boolean {
    return this.#running > 0;
  }

  async settled(): Promise<void> {
    while (this.#running > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The result comes at its virtual time, whatever order the platform has finished in. */
  run<T>(process: SimProcess, delay: number, operation: () => Promise<T>): Promise<T> {
    this.#running += 1;
    let settle: (() => void) | undefined;
    const result = new Promise<T>((resolve, reject) => {
      const done = (end: () => void): void => {
        settle = end;
        this.#running -= 1;
      };
      operation().then(
        (value) => done(() => resolve(value)),
        (error) => done(() => reject(error)),
      );
    });
    process.later(delay, () => settle?.());
    return result;
  }
}

/** Real keys and real frames; random bytes and times are the seed's. */
export function realCrypto(
  process: SimProcess,
  random: Random,
  longest: number,
  pairs: ReadonlyMap<string, KeyPair>,
  work: RealWork,
): SimCrypto {
  const delays = random.fork('delay');
  const draw = random.fork('bytes');
  const run = <T>(operation: () => Promise<T>): Promise<T> =>
    work.run(process, delays.chance(0.3) ? 0 : delays.next() * longest, operation);
  const pairOf = (name: string): KeyPair => {
    const pair = pairs.get(name);
    if (pair === undefined) throw new RangeError(`there is no key of ${name}`);
    return pair;
  };
  const publicKey = (name: string): PublicKey => {
    const key = pairOf(name).publicKey;
    const { modulusBits, modulusBytes, publicExponent, maxPlaintext, spki, fingerprint } = key;
    return {
      ...{ modulusBits, modulusBytes, publicExponent, maxPlaintext, spki, fingerprint },
      encrypt: (plaintext) => run(() => key.encrypt(plaintext)),
      verify: (data, signature) => run(() => key.verify(data, signature)),
      toPem: () => key.toPem(),
    };
  };
  const privateKey = (name: string): PrivateKey => {
    const key = pairOf(name).privateKey;
    return {
      publicKey: publicKey(name),
      decrypt: (ciphertext) => run(() => key.decrypt(ciphertext)),
      sign: (data) => run(() => key.sign(data)),
      toPem: () => key.toPem(),
    };
  };
  return { crypto: { ...platform, randomBytes: (length) => draw.bytes(length) }, publicKey, privateKey };
}
