import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import * as sha2 from '@noble/hashes/sha2.js';

export function sha256(data: Uint8Array): Uint8Array {
  return sha2.sha256(data);
}

export function sha512(data: Uint8Array): Uint8Array {
  return sha2.sha512(data);
}

export function hmacSha256(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array {
  const mac = hmac.create(sha2.sha256, key);
  for (const part of data) mac.update(part);
  return mac.digest();
}

export function hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdf(sha2.sha512, ikm, salt, info, length);
}
