import type { Backend, RsaFacts, RsaPrivateEngine, RsaPublicEngine } from './backend.js';
import { lessThan, toBase64 } from './bytes.js';
import { CryptoError } from './errors.js';
import { type RsaNumbers, readPrivateKeyFile, readPublicKeyFile, writeSpki } from './key-file.js';
import { writePem } from './pem.js';
import type {
  GenerateOptions,
  KeyOptions,
  KeyPair,
  PrivateKey,
  PrivateKeyInput,
  PrivateKeyOptions,
  PublicKey,
  PublicKeyInput,
} from './types.js';

const MIN_BITS = 2048;
/** With `unsafeAllowSmallKeys`. */
const MIN_BITS_UNSAFE = 1024;
const MAX_BITS = 8192;
/** RSAES-OAEP with SHA-1 takes 2 * 20 + 2 bytes of the modulus (RFC 8017, section 7.1.1). */
const OAEP_OVERHEAD = 42;

export async function importPublicKey(
  backend: Backend,
  input: PublicKeyInput,
  options: KeyOptions = {},
): Promise<PublicKey> {
  return makePublicKey(backend, readPublicKeyFile(input), options);
}

export async function importPrivateKey(
  backend: Backend,
  input: PrivateKeyInput,
  options: PrivateKeyOptions = {},
): Promise<PrivateKey> {
  const { passphrase, extractable = false, unsafePortablePrivateKeys = false } = options;
  const file = readPrivateKeyFile(input, passphrase, backend.rsa.decryptPkcs8);
  try {
    const facts = checkNumbers(file, options);
    const publicKey = await makePublicKey(backend, file, options);
    const request = { extractable, unsafePortablePrivateKeys };
    const engine = await backend.rsa.importPrivate(file.pkcs8, facts, request);
    const key = new CheckedPrivateKey(engine, publicKey, file.n, extractable);
    const data = backend.random.bytes(32);
    if (await publicKey.verify(data, await engine.sign(data))) return key;
    throw new Error('The public half refuses the signature of the private half.');
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause;
    throw new CryptoError(
      'E_KEY_MISMATCH',
      'The parts of the private key do not belong together. Restore the key file, or make a new key.',
      { cause },
    );
  } finally {
    file.pkcs8.fill(0);
  }
}

export async function generateKeyPair(backend: Backend, options: GenerateOptions = {}): Promise<KeyPair> {
  const { modulusBits = MIN_BITS, extractable = true, ...rest } = options;
  const smallest = rest.unsafeAllowSmallKeys ? MIN_BITS_UNSAFE : MIN_BITS;
  if (!(modulusBits >= smallest && modulusBits <= MAX_BITS && modulusBits % 8 === 0)) {
    throw new CryptoError('E_ARGUMENT', `modulusBits is a multiple of 8 from ${smallest} to ${MAX_BITS}.`);
  }
  const unsafePortablePrivateKeys = rest.unsafePortablePrivateKeys ?? false;
  const pkcs8 = await backend.rsa.generate(modulusBits, { unsafePortablePrivateKeys });
  try {
    const privateKey = await importPrivateKey(backend, pkcs8, { ...rest, extractable });
    return { publicKey: privateKey.publicKey, privateKey };
  } finally {
    pkcs8.fill(0);
  }
}

async function makePublicKey(backend: Backend, numbers: RsaNumbers, options: KeyOptions): Promise<PublicKey> {
  const facts = checkNumbers(numbers, options);
  const spki = writeSpki(numbers);
  const fingerprint = `SHA256:${toBase64(backend.sha256(spki)).replace(/=+$/, '')}`;
  const engine = await backend.rsa.importPublic(spki, facts).catch(rsaFailed);
  return new CheckedPublicKey(engine, facts, numbers, spki, fingerprint);
}

function checkNumbers({ n, e }: RsaNumbers, options: KeyOptions): RsaFacts {
  const modulusBits = n.length * 8 - (Math.clz32(n[0]!) - 24);
  const smallest = options.unsafeAllowSmallKeys ? MIN_BITS_UNSAFE : MIN_BITS;
  if (modulusBits < smallest || modulusBits > MAX_BITS) {
    throw new CryptoError(
      'E_KEY_MODULUS',
      `The modulus has ${modulusBits} bits; ${smallest} to ${MAX_BITS} are accepted. Make a larger key, or see the option \`unsafeAllowSmallKeys\`.`,
    );
  }
  if (n.at(-1)! % 2 === 0) {
    throw new CryptoError('E_KEY_MODULUS', 'The modulus is even, so this is no RSA key. Make a new key.');
  }
  const exponent = publicExponent(e);
  if (e.length > 4 || exponent < 3 || exponent % 2 === 0) {
    throw new CryptoError(
      'E_KEY_EXPONENT',
      'The public exponent must be odd, at least 3 and below 2^32. Make a new key with exponent 65537.',
    );
  }
  // The maximum salt: emLen - hLen - 2 with emLen = ceil((modulusBits - 1) / 8) (RFC 8017, section 9.1.1).
  return { modulusBits, modulusBytes: n.length, saltLength: Math.ceil((modulusBits - 1) / 8) - 66 };
}

function publicExponent(e: Uint8Array): number {
  return e.reduce((value, byte) => value * 256 + byte, 0);
}

class CheckedPublicKey implements PublicKey {
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

class CheckedPrivateKey implements PrivateKey {
  readonly publicKey: PublicKey;
  readonly #engine: RsaPrivateEngine;
  readonly #modulus: Uint8Array;
  readonly #extractable: boolean;

  constructor(engine: RsaPrivateEngine, publicKey: PublicKey, modulus: Uint8Array, extractable: boolean) {
    this.publicKey = publicKey;
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
    throw new CryptoError('E_DECRYPT', 'The ciphertext was not encrypted to this key, or it was altered.');
  }

  async sign(data: Uint8Array): Promise<Uint8Array> {
    return this.#engine.sign(data).catch(rsaFailed);
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

function rsaFailed(cause: unknown): never {
  if (cause instanceof CryptoError) throw cause;
  throw new CryptoError(
    'E_RSA',
    "The platform's RSA failed; this is no fault of the arguments. See `cause`.",
    {
      cause,
    },
  );
}
