import { open } from 'node:fs/promises';
import { crypto, type PrivateKey } from '@sealwire/crypto';
import { codeOf, UsageError } from './usage-error.js';

/** The largest key file that is looked at: an RSA key of 8192 bits takes about 6 KiB. */
const maxKeyFileBytes = 65_536;

/**
 * @param source how the user named the file, for the sentence that says what is wrong with it
 * @throws UsageError
 */
export async function readPrivateKey(source: string, file: string): Promise<PrivateKey> {
  const text = await readKeyFile(source, file);
  return crypto.importPrivateKey(text).catch((error: unknown) => {
    throw new UsageError(`${source} ${file} ${complaint(error)}`, { cause: error });
  });
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
  if (code === 'ENOENT') return 'does not exist: check the path.';
  if (code === 'EISDIR') return 'is a folder: give the key file in it.';
  return `cannot be read (${code ?? 'unknown error'}): check its permissions.`;
}

function complaint(error: unknown): string {
  switch (codeOf(error)) {
    case 'E_KEY_PUBLIC':
      return 'holds a public key where the private one is needed: give the file of the private key.';
    case 'E_KEY_ENCRYPTED':
      return 'is protected by a passphrase, which this program does not ask for: give a copy without one.';
    case 'E_KEY_MODULUS':
      return 'is not an RSA key of 2048 to 8192 bits: make one of that size.';
    case 'E_KEY_NOT_RSA':
    case 'E_KEY_RSA_PSS':
      return 'is not a plain RSA key: make one with "openssl genrsa -out FILE 2048".';
    default:
      return 'holds no usable RSA private key in PEM: make one with "openssl genrsa -out FILE 2048".';
  }
}
