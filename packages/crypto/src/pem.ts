import { fromBase64, toBase64 } from './bytes.js';
import { CryptoError } from './errors.js';

export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Reads a text that holds exactly one PEM block (RFC 7468); text before and after the block is ignored. */
export function readPem(text: string): PemBlock {
  const begins = text.match(/-----BEGIN /g)?.length ?? 0;
  if (begins > 1) {
    throw new CryptoError(
      'E_KEY_MULTIPLE',
      'The PEM text holds several blocks, so it is not clear which key is meant. Give one block alone.',
    );
  }
  const block = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/.exec(text);
  const [, label, body] = block ?? [];
  if (label === undefined || body === undefined) {
    throw new CryptoError(
      'E_KEY_FORMAT',
      'The text is not a PEM key: no complete "-----BEGIN … KEY-----" block. Give the content of the key file, not its path.',
    );
  }
  if (/Proc-Type:|DEK-Info:/.test(body)) {
    throw new CryptoError(
      'E_KEY_ENCRYPTED',
      'The key is encrypted in the old OpenSSL way, which protects it badly. Convert it: openssl pkcs8 -topk8 -in old.pem -out new.pem',
    );
  }
  const bytes = fromBase64(body.replace(/\s+/g, ''));
  if (bytes === undefined) {
    throw new CryptoError('E_KEY_FORMAT', 'The PEM block is not valid base64. Give the key file unchanged.');
  }
  return { label, bytes };
}

export function writePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return `${[`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')}\n`;
}
