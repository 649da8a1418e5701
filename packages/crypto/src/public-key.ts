import type { RsaFacts, RsaPublicEngine } from './backend.js';
import { lessThan } from './bytes.js';
import { CryptoError } from './errors.js';
import { publicExponent, type RsaNumbers } from './key-file.js';
import { writePem } from './pem.js';
import { rsaFailed } from './rsa-failed.js';
import type { PublicKey } from './types.js';

/** RSAES-OAEP with SHA-1 takes 2 * 20 + 2 bytes of the modulus (RFC 8017, section 7.1.1). */
const OAEP_OVERHEAD = 42;

/** An engine with the checks that it may leave out. */
export class CheckedPublicKey implements PublicKey {
  readonly modulusBits: number;
  readonly modulusBytes: number;
  readonly publicExponent: number;
  readonly maxPlaintext: number;
  readonly fingerprint: string;
  readonly #engine: RsaPublicEngine;
  readonly #modulus: Uint8Array;
  readonly #spki: Uint8Array;

  constructor(
    engine: RsaPublicEngine,
    facts: RsaFacts,
    { n, e }: RsaNumbers,
    spki: Uint8Array,
    fingerprint: string,
  ) {
    this.modulusBits = facts.modulusBits;
    this.modulusBytes = facts.modulusBytes;
    this.publicExponent = publicExponent(e);
    this.maxPlaintext = facts.modulusBytes - OAEP_OVERHEAD;
    this.fingerprint = fingerprint;
    this.#engine = engine;
    this.#modulus = n.slice();
    this.#spki = spki;
  }

  get spki(): Uint8Array {
    return this.#spki.slice();
  }

  async encrypt(plaintext: Uint8Array): Promise<Uint8Array> {
    // Without this check an engine may cut the plaintext into several ciphertexts without a word.
    if (plaintext.length > this.maxPlaintext) {
      throw new CryptoError(
        'E_TOO_LONG',
        `${plaintext.length} bytes are too long: a ${this.modulusBits}-bit key encrypts at most ${this.maxPlaintext}. Shorten the plaintext or use a larger key.`,
      );
    }
    return this.#engine.encrypt(plaintext).catch(rsaFailed);
  }

  async verify(data: Uint8Array, signature: Uint8Array): Promise<boolean> {
    // Engines differ in the integers that they take for a signature (RFC 8017, section 8.1.2, steps 1 and 2).
    if (signature.length !== this.modulusBytes || !lessThan(signature, this.#modulus)) return false;
    return this.#engine.verify(data, signature).catch(() => false);
  }

  toPem(): string {
    return writePem('PUBLIC KEY', this.#spki);
  }
}
