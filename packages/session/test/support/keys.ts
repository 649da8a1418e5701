import { crypto, type PrivateKey } from '@sealwire/crypto';
import vectors from '@sealwire/vectors/keys.json' with { type: 'json' };

export type KeyName = keyof typeof vectors.keys;

const imported = new Map<string, Promise<PrivateKey>>();

/** A key of the vectors by its name there. */
export function keyOf(name: string): Promise<PrivateKey> {
  const known = imported.get(name);
  if (known !== undefined) return known;
  const { privatePkcs8 } = vectors.keys[name as KeyName];
  const key = crypto.importPrivateKey(privatePkcs8);
  imported.set(name, key);
  return key;
}

export const serverKey = await keyOf('server2048');
export const clientKey = await keyOf('client2048');
