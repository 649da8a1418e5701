import type { RsaPrivateEngine } from './backend.js';
import { lessThan } from './bytes.js';
import { CryptoError } from './errors.js';
import { writePem } from './pem.js';
import { rsaFailed } from './rsa-failed.js';
import type { PrivateKey, PublicKey } from './types.js';
import { undecryptable } from './undecryptable.js';

/** An engine with the checks that it may leave out. */
export class CheckedPrivateKey implements PrivateKey {
  readonly publicKey: PublicKey;
  readonly #engine: RsaPrivateEngine;
  readonly #modulus: Uint8Array;
  readonly #extractable: boolean;
  readonly #derive: (purpose: Uint8Array) => Uint8Array;

  constructor(
    engine: RsaPrivateEngine,
    publicKey: PublicKey,
    modulus: Uint8Array,
    extractable: boolean,
    derive: (purpose: Uint8Array) => Uint8Array,
  ) {
    this.publicKey = publicKey;
    this.#derive = derive;
    this.#engine = engine;
    this.#modulus = modulus;
    this.#extractable = extractable;
  }

  async decrypt(ciphertext: Uint8Array): Promise<Uint8Array> {
    if (ciphertext.length === this.#modulus.length && lessThan(ciphertext, this.#modulus)) {
      try {
        return await this.#engine.decrypt(ciphertext);
      } catch {
        // Which step failed is what a chosen-ciphertext attack asks for: it is not even kept as a cause.
      }
    }
    throw undecryptable();
  }

  async sign(data: Uint8Array): Promise<Uint8Array> {
    return this.#engine.sign(data).catch(rsaFailed);
  }

  deriveSecret(purpose: string): Uint8Array {
    return this.#derive(new TextEncoder().encode(purpose));
  }

  async toPem(): Promise<string> {
    if (!this.#extractable) {
      throw new CryptoError(
        'E_NOT_EXTRACTABLE',
        'The key may not be handed out. Import it with `extractable: true` if it must be.',
      );
    }
    return writePem('PRIVATE KEY', await this.#engine.exportPkcs8());
  }
}
