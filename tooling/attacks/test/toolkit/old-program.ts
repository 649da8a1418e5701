import { decodeWelcome } from '@sealwire/framing';
import { aliceKey } from './keys.js';

/** A program of the protocol's first day with Alice's key: it signs whatever a welcome asks it to sign. */
export async function signBlindly(welcome: Uint8Array): Promise<Uint8Array> {
  const { dataToSign } = decodeWelcome(await aliceKey.decrypt(welcome));
  return aliceKey.sign(dataToSign);
}
