import NodeRSA, { type Format } from 'node-rsa';
import type {
  PortableConsent,
  RsaEngine,
  RsaFacts,
  RsaPrivateEngine,
  RsaPrivateRequest,
  RsaPublicEngine,
} from '../backend.js';
import { CryptoError } from '../errors.js';

/** The engine written in JavaScript, also where node-rsa would use `node:crypto`. */
const JAVASCRIPT = { environment: 'browser', bigIntImpl: 'native' } as const;

/** Every choice is named: the engine's own defaults are other hashes and a salt of 20 bytes. */
function load(der: Uint8Array, format: Format, facts: RsaFacts): NodeRSA {
  if (facts.modulusBits % 8 === 1) {
    throw new CryptoError(
      'E_KEY_UNSUPPORTED',
      `The portable back end computes wrongly with moduli of 8n + 1 bits, such as these ${facts.modulusBits}. Use another key, or the node or web back end.`,
    );
  }
  return new NodeRSA(der, format, {
    ...JAVASCRIPT,
    encryptionScheme: { scheme: 'pkcs1_oaep', hash: 'sha1' },
    signingScheme: { scheme: 'pss', hash: 'sha512', saltLength: facts.saltLength },
  });
}

async function importPublic(spki: Uint8Array, facts: RsaFacts): Promise<RsaPublicEngine> {
  const key = load(spki, 'pkcs8-public-der', facts);
  return {
    async encrypt(plaintext) {
      return key.encrypt(plaintext);
    },
    async verify(data, signature) {
      return key.verify(data, signature);
    },
  };
}

async function importPrivate(
  pkcs8: Uint8Array,
  facts: RsaFacts,
  request: RsaPrivateRequest,
): Promise<RsaPrivateEngine> {
  requireConsent(request);
  const key = load(pkcs8, 'pkcs8-private-der', facts);
  return {
    async decrypt(ciphertext) {
      return key.decrypt(ciphertext);
    },
    async sign(data) {
      return key.sign(data);
    },
    async exportPkcs8() {
      return key.exportKey('pkcs8-private-der');
    },
  };
}

function decryptPkcs8(): never {
  throw new CryptoError(
    'E_KEY_UNSUPPORTED',
    'The portable back end cannot decrypt key files. Decrypt the key before: openssl pkcs8 -in encrypted.pem -out key.pem',
  );
}

async function generate(modulusBits: number, consent: PortableConsent): Promise<Uint8Array> {
  requireConsent(consent);
  const key = new NodeRSA(null, JAVASCRIPT).generateKeyPair(modulusBits, 65537);
  return key.exportKey('pkcs8-private-der');
}

function requireConsent({ unsafePortablePrivateKeys }: PortableConsent): void {
  if (unsafePortablePrivateKeys) return;
  throw new CryptoError(
    'E_PORTABLE_PRIVATE',
    'The portable back end is not constant time and may leak private keys to whoever can measure it. Use the node or web back end, or accept the risk with `unsafePortablePrivateKeys: true`.',
  );
}

export const rsa: RsaEngine = { importPublic, importPrivate, decryptPkcs8, generate };
