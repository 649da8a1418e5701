import { createHmac, hash, hkdfSync } from 'node:crypto';
import { plain } from './bytes.js';

export function sha256(data: Uint8Array): Uint8Array {
  return plain(hash('sha256', data, 'buffer'));
}

export function sha512(data: Uint8Array): Uint8Array {
  return plain(hash('sha512', data, 'buffer'));
}

export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return plain(createHmac('sha256', key).update(data).digest());
}

export function hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha512', ikm, salt, info, length));
}
