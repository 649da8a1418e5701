import { readFile } from 'node:fs/promises';
import { crypto, type KeyPair } from '@sealwire/crypto';

/** A key pair made for these tests alone; making one takes a second, reading one does not. */
export async function keyPair(name: 'server' | 'next-server' | 'alice' | 'bob'): Promise<KeyPair> {
  const pem = await readFile(new URL(`keys/${name}.pem`, import.meta.url));
  const privateKey = await crypto.importPrivateKey(pem);
  return { privateKey, publicKey: privateKey.publicKey };
}
