import type {
  RsaEngine,
  RsaFacts,
  RsaPrivateEngine,
  RsaPrivateRequest,
  RsaPublicEngine,
} from '../backend.js';
import { CryptoError } from '../errors.js';

const OAEP = { name: 'RSA-OAEP', hash: 'SHA-1' };
const PSS = { name: 'RSA-PSS', hash: 'SHA-512' };

function subtle(): SubtleCrypto {
  const found: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (found === undefined) {
    throw new CryptoError(
      'E_NO_WEBCRYPTO',
      'crypto.subtle is missing, as in pages that do not come over https. Serve the page over https, or import @sealwire/crypto/portable knowingly.',
    );
  }
  return found;
}

/** A CryptoKey has one use, so the same bytes are imported twice. */
async function importPublic(spki: Uint8Array, { saltLength }: RsaFacts): Promise<RsaPublicEngine> {
  const [encryption, verification] = await Promise.all([
    subtle().importKey('spki', owned(spki), OAEP, false, ['encrypt']),
    subtle().importKey('spki', owned(spki), PSS, false, ['verify']),
  ]);
  return {
    async encrypt(plaintext) {
      return new Uint8Array(await subtle().encrypt(OAEP, encryption, owned(plaintext)));
    },
    async verify(data, signature) {
      return subtle().verify({ name: PSS.name, saltLength }, verification, owned(signature), owned(data));
    },
  };
}

async function importPrivate(
  pkcs8: Uint8Array,
  { saltLength }: RsaFacts,
  { extractable }: RsaPrivateRequest,
): Promise<RsaPrivateEngine> {
  const bytes = owned(pkcs8);
  try {
    const [decryption, signing] = await Promise.all([
      subtle().importKey('pkcs8', bytes, OAEP, false, ['decrypt']),
      subtle().importKey('pkcs8', bytes, PSS, extractable, ['sign']),
    ]);
    return {
      async decrypt(ciphertext) {
        return new Uint8Array(await subtle().decrypt(OAEP, decryption, owned(ciphertext)));
      },
      async sign(data) {
        return new Uint8Array(await subtle().sign({ name: PSS.name, saltLength }, signing, owned(data)));
      },
      async exportPkcs8() {
        return new Uint8Array(await subtle().exportKey('pkcs8', signing));
      },
    };
  } finally {
    bytes.fill(0);
  }
}

function decryptPkcs8(): never {
  throw new CryptoError(
    'E_KEY_UNSUPPORTED',
    'WebCrypto cannot decrypt key files. Decrypt the key before: openssl pkcs8 -in encrypted.pem -out key.pem',
  );
}

async function generate(modulusBits: number): Promise<Uint8Array> {
  const publicExponent = Uint8Array.of(1, 0, 1);
  const pair = await subtle().generateKey({ ...PSS, modulusLength: modulusBits, publicExponent }, true, [
    'sign',
    'verify',
  ]);
  return new Uint8Array(await subtle().exportKey('pkcs8', pair.privateKey));
}

/** WebCrypto refuses views of shared memory. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

export const rsa: RsaEngine = { importPublic, importPrivate, decryptPkcs8, generate };
