import { crypto, type KeyPair } from '@sealwire/crypto';

const made = new Map<string, Promise<KeyPair>>();

/** One key pair per name, made when it is first asked for. */
export function keyPair(name: string): Promise<KeyPair> {
  const known = made.get(name) ?? crypto.generateKeyPair();
  made.set(name, known);
  return known;
}
