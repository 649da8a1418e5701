import type { Crypto } from '@sealwire/crypto';

/** Default of {@link ReplayMemory}: some 10 MiB when full. */
const defaultCapacity = 100_000;

/**
 * Remembers secrets that may be used once: AES keys and challenges of sessions of the document, whose handshakes
 * could be sent again. Only hashes are kept; beyond the capacity the oldest is forgotten.
 */
export class ReplayMemory {
  readonly #sha256: Crypto['sha256'];
  readonly #capacity: number;
  readonly #prints = new Set<string>();

  constructor({ sha256 }: Pick<Crypto, 'sha256'>, capacity: number = defaultCapacity) {
    this.#sha256 = sha256;
    this.#capacity = capacity;
  }

  /** @returns false if it was given before */
  remember(secret: Uint8Array): boolean {
    const print = String.fromCharCode(...this.#sha256(secret).subarray(0, 16));
    if (this.#prints.has(print)) return false;
    if (this.#prints.size === this.#capacity) {
      for (const oldest of this.#prints) {
        this.#prints.delete(oldest);
        break;
      }
    }
    this.#prints.add(print);
    return true;
  }
}
