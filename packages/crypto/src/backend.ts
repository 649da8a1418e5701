import type { RsaNumbers } from './key-file.js';
import type { BackendName } from './types.js';

/**
 * What a back end supplies: raw primitives. It may trust its arguments; every check of keys, lengths, padding and
 * numbers is done before, once for all back ends.
 */
export interface Backend {
  readonly name: BackendName;
  readonly random: RandomSource;
  sha256(data: Uint8Array): Uint8Array;
  sha512(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array;
  hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  readonly rsa: RsaEngine;
  createEncryptor(key: Uint8Array): CbcEncryptor;
  createDecryptor(key: Uint8Array): CbcDecryptor;
}

export interface RandomSource {
  bytes(length: number): Uint8Array;
  /** Overwrites `length` bytes of `target` from `offset` on. */
  fill(target: Uint8Array, offset: number, length: number): void;
}

/** Frames lie one after the other in one buffer; `lengths` are those of whole frames, 16 bytes and the padded plaintext. */
export interface CbcEncryptor {
  /** @param laidOut has 16 fresh random bytes before each padded plaintext; the result has uniform IVs there. */
  encrypt(laidOut: Uint8Array, lengths: readonly number[]): Uint8Array;
  /** @param laidOut has the wanted IV before each padded plaintext; it may be overwritten, but is not returned. */
  encryptWithIvs(laidOut: Uint8Array, lengths: readonly number[]): Uint8Array;
}

export interface CbcDecryptor {
  /** @returns the padded plaintexts at the places of the ciphertexts, and zeros at the places of the IVs. */
  decrypt(frames: Uint8Array, lengths: readonly number[]): Uint8Array;
}

export interface RsaFacts {
  readonly modulusBits: number;
  readonly modulusBytes: number;
  readonly saltLength: number;
}

export interface PortableConsent {
  readonly unsafePortablePrivateKeys: boolean;
}

export interface RsaPrivateRequest extends PortableConsent {
  readonly extractable: boolean;
}

export interface RsaEngine {
  /** Gets the key in both forms, because which one is quick to read differs from platform to platform. */
  importPublic(spki: Uint8Array, facts: RsaFacts, numbers: RsaNumbers): Promise<RsaPublicEngine>;
  /** @param pkcs8 is wiped by the caller afterwards. */
  importPrivate(pkcs8: Uint8Array, facts: RsaFacts, request: RsaPrivateRequest): Promise<RsaPrivateEngine>;
  /** EncryptedPrivateKeyInfo to PrivateKeyInfo, both DER. */
  decryptPkcs8(der: Uint8Array, passphrase: string): Uint8Array;
  /** @returns PKCS#8 in DER, with exponent 65537. */
  generate(modulusBits: number, consent: PortableConsent): Promise<Uint8Array>;
}

export interface RsaPublicEngine {
  encrypt(plaintext: Uint8Array): Promise<Uint8Array>;
  verify(data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

export interface RsaPrivateEngine {
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
  sign(data: Uint8Array): Promise<Uint8Array>;
  /** PKCS#8 in DER; asked for only if the key was imported as extractable. */
  exportPkcs8(): Promise<Uint8Array>;
}
