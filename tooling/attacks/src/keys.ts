import { crypto, type PrivateKey, type PublicKey } from '@sealwire/crypto';
import keys from '@sealwire/vectors/keys.json' with { type: 'json' };

const { server2048, client2048 } = keys.keys;

/** Held by the server and by Alice's programs alone: no attack uses them. */
export const serverKey: PrivateKey = await crypto.importPrivateKey(server2048.privatePkcs8);
export const aliceKey: PrivateKey = await crypto.importPrivateKey(client2048.privatePkcs8);

/** What every attacker knows. */
export const publicKeys: { readonly server: PublicKey; readonly alice: PublicKey } = {
  server: serverKey.publicKey,
  alice: aliceKey.publicKey,
};
