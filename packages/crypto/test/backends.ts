import { crypto as node } from '../src/node/index.js';
import { crypto as portable } from '../src/portable/index.js';
import type { Crypto, PrivateKeyOptions } from '../src/types.js';
import { crypto as web } from '../src/web/index.js';

export const backends: readonly { crypto: Crypto; name: string; options: PrivateKeyOptions }[] = [
  { name: 'node', crypto: node, options: {} },
  { name: 'web', crypto: web, options: {} },
  { name: 'portable', crypto: portable, options: { unsafePortablePrivateKeys: true } },
];

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
