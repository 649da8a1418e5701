import { CryptoError, type CryptoErrorCode } from '@sealwire/crypto';
import type { SessionErrorCode } from '@sealwire/session';
import { STORE_ERROR_CODES } from '@sealwire/store';
import type { TransportErrorCode } from '@sealwire/transport';
import { declared } from '../engine/probe.js';

/** Complete, because the compiler counts them. */
const sessionCodes: Record<SessionErrorCode, true> = {
  E_HANDSHAKE: true,
  E_CHALLENGE_REFUSED: true,
  E_TAG: true,
  E_UNHARDENED: true,
  E_DEADLINE: true,
  E_SILENT: true,
  E_FRAME: true,
  E_CRYPTO: true,
  E_TEXT_FRAME: true,
  E_SEQUENCE: true,
  E_ORDER: true,
  E_REQUEST_ID: true,
  E_JSON: true,
  E_OVERFLOW: true,
  E_STATE: true,
};
const cryptoCodes: Record<CryptoErrorCode, true> = {
  E_ARGUMENT: true,
  E_TOO_LONG: true,
  E_DECRYPT: true,
  E_OPEN: true,
  E_AES_KEY: true,
  E_EXHAUSTED: true,
  E_DESTROYED: true,
  E_NO_RANDOM: true,
  E_NO_WEBCRYPTO: true,
  E_RSA: true,
  E_EXTERNAL: true,
  E_BUSY: true,
  E_KEY_FORMAT: true,
  E_KEY_MULTIPLE: true,
  E_KEY_PRIVATE: true,
  E_KEY_PUBLIC: true,
  E_KEY_CERTIFICATE: true,
  E_KEY_NOT_RSA: true,
  E_KEY_RSA_PSS: true,
  E_KEY_ENCRYPTED: true,
  E_KEY_PASSPHRASE: true,
  E_KEY_MODULUS: true,
  E_KEY_EXPONENT: true,
  E_KEY_MISMATCH: true,
  E_KEY_UNSUPPORTED: true,
  E_PORTABLE_PRIVATE: true,
  E_NOT_EXTRACTABLE: true,
};
const transportCodes: Record<TransportErrorCode, true> = {
  E_URL: true,
  E_OPTION: true,
  E_INSECURE: true,
  E_DNS: true,
  E_DIAL_REFUSED: true,
  E_DIAL_TIMEOUT: true,
  E_DIAL_ABORTED: true,
  E_DIAL_FAILED: true,
  E_TLS: true,
  E_HTTP_STATUS: true,
  E_REDIRECT: true,
  E_PORT_IN_USE: true,
  E_LISTEN: true,
  E_CLOSE_CODE: true,
  E_STARTED: true,
  E_OVERFLOW: true,
};

export const sessionCodeSet: ReadonlySet<string> = new Set(Object.keys(sessionCodes));
export const sessionErrors = declared('SessionError', sessionCodeSet);
export const cryptoErrors = declared('CryptoError', Object.keys(cryptoCodes));
export const transportErrors = declared('TransportError', Object.keys(transportCodes));
export const storeErrors = declared('StoreError', STORE_ERROR_CODES);

/** What an opener says of a frame that it cannot open. */
export function cannotOpen(): CryptoError {
  return new CryptoError('E_OPEN', 'the frame does not open');
}
