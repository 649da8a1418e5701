import { open } from 'node:fs/promises';
import { crypto, type PrivateKey, type PublicKey } from '@sealwire/crypto';
import { codeOf, UsageError } from './usage-error.js';

/** The largest key file that is looked at: an RSA key of 8192 bits takes about 6 KiB. */
const maxKeyFileBytes = 65_536;

/**
 * @param source how the user named the file, such as the source, for the sentence that says what is wrong with it
 * @throws UsageError
 */
export async function readPrivateKey(source: string, file: string): Promise<PrivateKey> {
  const text = await readKeyFile(source, file);
  refuseOpenSsh(source, file, text);
  return crypto.importPrivateKey(text).catch((error: unknown) => refuse(source, file, 'private', error));
}

/** Like `readPrivateKey`. */
export async function readPublicKey(source: string, file: string): Promise<PublicKey> {
  const text = await readKeyFile(source, file);
  refuseOpenSsh(source, file, text);
  return crypto.importPublicKey(text).catch((error: unknown) => refuse(source, file, 'public', error));
}

async function readKeyFile(source: string, file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file);
    try {
      const bytes = new Uint8Array(maxKeyFileBytes + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new UsageError(`${source} ${file} ${readComplaint(codeOf(cause))}`, { cause });
  }
}

function readComplaint(code: string | undefined): string {
  if (code === 'ENOENT')
    return 'does not exist: check the path; the demo server makes keys and prints where.';
  if (code === 'EISDIR') return 'is a folder: give the key file in it.';
  return `cannot be read (${code ?? 'unknown error'}): check its permissions.`;
}

/** These share a code with files that hold no key at all, and ssh-keygen can turn them into what is needed. */
function refuseOpenSsh(source: string, file: string, bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----')) {
    throw new UsageError(
      `${source} ${file} is a private key in the format of OpenSSH: turn a copy of it into PEM with "ssh-keygen -p -m PEM -f FILE".`,
    );
  }
  if (/^\s*(?:ssh|ecdsa|sk)-/.test(text)) {
    throw new UsageError(
      `${source} ${file} is a public key in the format of OpenSSH: turn it into PEM with "ssh-keygen -e -m PKCS8 -f FILE".`,
    );
  }
}

function refuse(source: string, file: string, kind: 'private' | 'public', error: unknown): never {
  throw new UsageError(`${source} ${file} ${complaint(codeOf(error), kind)}`, { cause: error });
}

function complaint(code: string | undefined, kind: 'private' | 'public'): string {
  switch (code) {
    case 'E_KEY_PUBLIC':
      return 'holds a public key where the private one is needed: give the file of the private key.';
    case 'E_KEY_PRIVATE':
      return 'holds a private key where the public one is needed: give the file of the public key.';
    case 'E_KEY_ENCRYPTED':
      return 'is protected by a passphrase, which this program does not ask for: give a copy without one.';
    case 'E_KEY_MODULUS':
      return 'is not an RSA key of 2048 to 8192 bits: make one of that size.';
    case 'E_KEY_NOT_RSA':
    case 'E_KEY_RSA_PSS':
      return 'is not a plain RSA key: make one with "openssl genrsa -out FILE 2048".';
    case 'E_KEY_CERTIFICATE':
      return kind === 'private'
        ? 'is a certificate, which holds no private key: give the file of the private key that belongs to it.'
        : 'is a certificate: take its key out with "openssl x509 -in FILE -noout -pubkey".';
    default:
      return `holds no usable RSA ${kind} key in PEM: give one that the demo server made, or make one with "openssl genrsa -out FILE 2048".`;
  }
}
