export { timingSafeEqual } from './bytes.js';
export { CryptoError, type CryptoErrorCode } from './errors.js';
export { externalPrivateKey } from './external-key.js';
export type {
  BackendName,
  CipherOptions,
  Crypto,
  ExternalKeyOperations,
  ExternalKeyOptions,
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
