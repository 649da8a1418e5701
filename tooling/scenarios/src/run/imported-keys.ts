import { crypto, type PrivateKey, type PublicKey } from '@sealwire/crypto';
import { type KeyPair, people, serverKeys } from '../wire/keys.js';

/** The keys as the program under test has them, imported once. */
const keys = new Map<KeyPair, PrivateKey>(
  await Promise.all(
    [...Object.values(people), ...Object.values(serverKeys)].map(
      async (pair): Promise<[KeyPair, PrivateKey]> => [pair, await crypto.importPrivateKey(pair.pem)],
    ),
  ),
);

export function imported(pair: KeyPair): { readonly privateKey: PrivateKey; readonly publicKey: PublicKey } {
  const privateKey = keys.get(pair);
  if (privateKey === undefined) throw new Error('this key was not imported');
  return { privateKey, publicKey: privateKey.publicKey };
}
