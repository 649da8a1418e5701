import type { Backend, RsaFacts } from './backend.js';
import { toBase64 } from './bytes.js';
import { CryptoError } from './errors.js';
import {
  publicExponent,
  type RsaNumbers,
  readPrivateKeyFile,
  readPublicKeyFile,
  writeSpki,
} from './key-file.js';
import { CheckedPrivateKey } from './private-key.js';
import { CheckedPublicKey } from './public-key.js';
import { rsaFailed } from './rsa-failed.js';
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
const DERIVED_SALT = new TextEncoder().encode('sealwire derived secret 1');

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
    const engine = await backend.rsa.importPrivate(file.pkcs8, facts, request).catch(mismatched);
    const seed = backend.hkdfSha512(file.pkcs8, DERIVED_SALT, new Uint8Array(0), 32);
    const derive = (purpose: Uint8Array): Uint8Array => backend.hmacSha256(seed, purpose);
    const key = new CheckedPrivateKey(engine, publicKey, file.n, extractable, derive);
    const data = backend.random.bytes(32);
    const signature = await engine.sign(data).catch(mismatched);
    return (await publicKey.verify(data, signature)) ? key : mismatched();
  } finally {
    file.pkcs8.fill(0);
  }
}

/** A private key whose parts do not belong together fails at its import, or signs what its public half refuses. */
function mismatched(cause?: unknown): never {
  if (cause instanceof CryptoError) throw cause;
  throw new CryptoError(
    'E_KEY_MISMATCH',
    'The parts of the private key do not belong together. Restore the key file, or make a new key.',
    { cause },
  );
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
  const engine = await backend.rsa.importPublic(spki, facts, numbers).catch(rsaFailed);
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
