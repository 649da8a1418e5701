import {
  type DerElement,
  readElements,
  readOne,
  readUnsigned,
  Tag,
  writeElement,
  writeUnsigned,
} from './der.js';
import { CryptoError } from './errors.js';
import { readPem } from './pem.js';
import { isPrivateExponent } from './private-exponent.js';

/** The largest file that is looked at: an 8192-bit private key takes about 6 KiB. */
const MAX_KEY_FILE = 65_536;

/** n and e as big-endian bytes without leading zeros. */
export interface RsaNumbers {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
}

/** A PKCS#8 key and the public numbers it claims to belong to. */
export interface PrivateKeyFile extends RsaNumbers {
  readonly pkcs8: Uint8Array;
}

type Kind = 'spki' | 'pkcs1Public' | 'pkcs1Private' | 'pkcs8' | 'encryptedPkcs8';

const RSA_ENCRYPTION = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSASSA_PSS = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];

const LABELS: ReadonlyMap<string, Kind> = new Map([
  ['PUBLIC KEY', 'spki'],
  ['RSA PUBLIC KEY', 'pkcs1Public'],
  ['RSA PRIVATE KEY', 'pkcs1Private'],
  ['PRIVATE KEY', 'pkcs8'],
  ['ENCRYPTED PRIVATE KEY', 'encryptedPkcs8'],
]);

export function readPublicKeyFile(input: string | Uint8Array): RsaNumbers {
  const { kind, der } = openKeyFile(input);
  if (kind === 'spki') return readSpki(der);
  if (kind === 'pkcs1Public') return readPkcs1Public(der);
  throw new CryptoError(
    'E_KEY_PRIVATE',
    'This is a private key where a public key is expected. Give the public half: openssl pkey -in key.pem -pubout',
  );
}

/** @param decrypt opens an encrypted PKCS#8 key; it is called only for such a key. */
export function readPrivateKeyFile(
  input: string | Uint8Array,
  passphrase: string | undefined,
  decrypt: (der: Uint8Array, passphrase: string) => Uint8Array,
): PrivateKeyFile {
  const { kind, der } = openKeyFile(input);
  if (kind === 'spki' || kind === 'pkcs1Public') {
    throw new CryptoError('E_KEY_PUBLIC', 'This is a public key where a private key is expected.');
  }
  if (kind === 'encryptedPkcs8') {
    if (passphrase === undefined) {
      throw new CryptoError('E_KEY_ENCRYPTED', 'The key is encrypted. Give the option `passphrase`.');
    }
    return readPkcs8(decrypt(der, passphrase));
  }
  if (passphrase !== undefined) {
    throw new CryptoError(
      'E_KEY_PASSPHRASE',
      'A passphrase was given, but the key is not encrypted. Leave `passphrase` out, or give the encrypted key.',
    );
  }
  return kind === 'pkcs8' ? readPkcs8(der) : wrapPkcs1(der);
}

/** Exact for the exponents that are accepted, which are below 2^32. */
export function publicExponent(e: Uint8Array): number {
  return e.reduce((value, byte) => value * 256 + byte, 0);
}

export function writeSpki({ n, e }: RsaNumbers): Uint8Array {
  const key = writeElement(Tag.sequence, writeUnsigned(n), writeUnsigned(e));
  return writeElement(
    Tag.sequence,
    algorithmIdentifier(),
    writeElement(Tag.bitString, Uint8Array.of(0), key),
  );
}

function openKeyFile(input: string | Uint8Array): { kind: Kind; der: Uint8Array } {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) {
    throw new CryptoError('E_ARGUMENT', 'A key is given as PEM text or as a Uint8Array of PEM or DER.');
  }
  if (input.length > MAX_KEY_FILE) {
    throw new CryptoError(
      'E_KEY_FORMAT',
      `The key is longer than ${MAX_KEY_FILE} bytes: this is not an RSA key.`,
    );
  }
  // DER begins with 0x30; what a PEM file begins with is always text.
  if (typeof input !== 'string' && input[0] === Tag.sequence) return { kind: recognise(input), der: input };

  const text = typeof input === 'string' ? input : new TextDecoder('latin1').decode(input);
  if (/^\s*ssh-|OPENSSH PRIVATE KEY/.test(text)) {
    throw new CryptoError(
      'E_KEY_FORMAT',
      'This is an OpenSSH key. Convert it: ssh-keygen -e -m pkcs8 -f key (public), ssh-keygen -p -m pem -f key (private)',
    );
  }
  const { label, bytes } = readPem(text);
  if (/^(?:EC|DSA|DH|X9\.42 DH) /.test(label)) throw notRsa();
  const kind = recognise(bytes);
  if (LABELS.get(label) !== kind) {
    throw new CryptoError('E_KEY_FORMAT', `The PEM label "${label}" does not fit what the block holds.`);
  }
  return { kind, der: bytes };
}

/** Tells the forms apart by the tags inside the outer SEQUENCE; no two of them share a beginning. */
function recognise(der: Uint8Array): Kind {
  const tags = readElements(readOne(der, Tag.sequence)).map((element) => element.tag);
  const starts = (...expected: number[]) => expected.every((tag, i) => tags[i] === tag);
  if (starts(Tag.sequence, Tag.bitString)) return 'spki';
  if (starts(Tag.sequence, Tag.octetString)) return 'encryptedPkcs8';
  if (starts(Tag.sequence, Tag.sequence, Tag.bitString)) {
    throw new CryptoError(
      'E_KEY_CERTIFICATE',
      'This is a certificate. Give its key: openssl x509 -in cert.pem -noout -pubkey',
    );
  }
  if (starts(Tag.integer, Tag.sequence, Tag.octetString)) return 'pkcs8';
  if (starts(Tag.integer, Tag.octetString)) throw notRsa();
  if (starts(Tag.integer, Tag.integer)) return tags.length === 2 ? 'pkcs1Public' : 'pkcs1Private';
  throw new CryptoError('E_KEY_FORMAT', 'The DER is none of PKCS#1, PKCS#8 and SPKI.');
}

function readPkcs1Public(der: Uint8Array): RsaNumbers {
  const [n, e, ...rest] = readElements(readOne(der, Tag.sequence));
  if (rest.length > 0) throw new CryptoError('E_KEY_FORMAT', 'An RSA public key holds two integers.');
  return { n: readUnsigned(n), e: readUnsigned(e) };
}

function readSpki(der: Uint8Array): RsaNumbers {
  const [algorithm, key, ...rest] = readElements(readOne(der, Tag.sequence));
  checkAlgorithm(algorithm);
  if (key === undefined || key.content[0] !== 0 || rest.length > 0) {
    throw new CryptoError('E_KEY_FORMAT', 'SPKI holds an algorithm and a bit string of whole bytes.');
  }
  return readPkcs1Public(key.content.subarray(1));
}

/** PKCS#8 (RFC 5208): version 0, algorithm, key; attributes, which some programs add, are dropped. */
function readPkcs8(der: Uint8Array): PrivateKeyFile {
  const [version, algorithm, key, attributes, ...rest] = readElements(readOne(der, Tag.sequence));
  checkAlgorithm(algorithm);
  const known = attributes === undefined || attributes.tag === Tag.attributes;
  if (readUnsigned(version).some((byte) => byte !== 0) || key === undefined || !known || rest.length > 0) {
    throw new CryptoError('E_KEY_FORMAT', 'PKCS#8 holds version 0, an algorithm and a key.');
  }
  return wrapPkcs1(key.content);
}

/** PKCS#1 (RFC 8017, appendix A.1.2): version 0 and n, e, d, p, q, dP, dQ, qInv. */
function wrapPkcs1(der: Uint8Array): PrivateKeyFile {
  const integers = readElements(readOne(der, Tag.sequence)).map(readUnsigned);
  const [version, n, e, d, p, q] = integers;
  if (integers.length !== 9 || version?.[0] !== 0 || !n || !e || !d || !p || !q) {
    throw new CryptoError(
      'E_KEY_FORMAT',
      'An RSA private key holds version 0 and eight integers (two primes).',
    );
  }
  if (!isPrivateExponent(d, e, p, q)) {
    throw new CryptoError(
      'E_KEY_MISMATCH',
      'The private exponent does not belong to the primes. Restore the key file, or make a new key.',
    );
  }
  const pkcs8 = writeElement(
    Tag.sequence,
    writeUnsigned(Uint8Array.of(0)),
    algorithmIdentifier(),
    writeElement(Tag.octetString, der),
  );
  return { n: n.slice(), e: e.slice(), pkcs8 };
}

function algorithmIdentifier(): Uint8Array {
  return writeElement(
    Tag.sequence,
    writeElement(Tag.oid, Uint8Array.from(RSA_ENCRYPTION)),
    writeElement(Tag.null),
  );
}

function checkAlgorithm(element: DerElement | undefined): void {
  const [oid, parameters, ...rest] = element?.tag === Tag.sequence ? readElements(element.content) : [];
  const is = (expected: readonly number[]) => oid?.tag === Tag.oid && oid.content.join() === expected.join();
  if (is(RSASSA_PSS)) {
    throw new CryptoError(
      'E_KEY_RSA_PSS',
      'This key is marked for RSASSA-PSS only, but it must decrypt too. Make one with: openssl genpkey -algorithm RSA',
    );
  }
  if (!is(RSA_ENCRYPTION)) throw notRsa();
  if (parameters?.tag !== Tag.null || parameters.content.length > 0 || rest.length > 0) {
    throw new CryptoError('E_KEY_FORMAT', 'The algorithm of an RSA key has the parameter NULL.');
  }
}

function notRsa(): CryptoError {
  return new CryptoError(
    'E_KEY_NOT_RSA',
    'This is not an RSA key. Make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048',
  );
}
