export { timingSafeEqual } from './bytes.js';
export { CryptoError, type CryptoErrorCode } from './errors.js';
export type {
  BackendName,
  CipherOptions,
  Crypto,
  GenerateOptions,
  KeyOptions,
  KeyPair,
  Opener,
  PrivateKey,
  PrivateKeyInput,
  PrivateKeyOptions,
  PublicKey,
  PublicKeyInput,
  Sealer,
  SealerOptions,
} from './types.js';
export { crypto } from './web/index.js';
