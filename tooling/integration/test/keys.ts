import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { crypto, type PrivateKey, type PublicKey } from '@sealwire/crypto';
import keys from '@sealwire/vectors/keys.json' with { type: 'json' };

const { server2048, client2048, client3072 } = keys.keys;

/** Imported once for all tests: the keys of the vectors, which are public and worth nothing. */
export const serverKey: PrivateKey = await crypto.importPrivateKey(server2048.privatePkcs8);
export const serverPublicKey: PublicKey = serverKey.publicKey;
export const aliceKey: PrivateKey = await crypto.importPrivateKey(client2048.privatePkcs8);
export const bobKey: PrivateKey = await crypto.importPrivateKey(client3072.privatePkcs8);

/** The server's directory of both. */
export const aliceAndBob: ReadonlyMap<string, { readonly publicKey: PublicKey }> = new Map([
  ['alice', { publicKey: aliceKey.publicKey }],
  ['bob', { publicKey: bobKey.publicKey }],
]);

/** The same keys for a peer that shares no code with Sealwire. */
export const foreign: Record<'serverPrivate' | 'serverPublic' | 'alicePrivate' | 'alicePublic', KeyObject> = {
  serverPrivate: createPrivateKey(server2048.privatePkcs8),
  serverPublic: createPublicKey(server2048.publicSpki),
  alicePrivate: createPrivateKey(client2048.privatePkcs8),
  alicePublic: createPublicKey(client2048.publicSpki),
};
