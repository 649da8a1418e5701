import { crypto } from '@sealwire/crypto';
import { encodeHello, encodeWelcome } from '@sealwire/framing';
import { publicKeys } from './keys.js';

/** The handshake as somebody can make it who knows the two public keys, and nothing else. */

export const clientId: Uint8Array = new TextEncoder().encode('alice');

/** A hello in Alice's name, with an AES key of the attacker's. */
export function forgeHello(clientAesKey: Uint8Array): Promise<Uint8Array> {
  return publicKeys.server.encrypt(encodeHello({ clientId, lastSeenOrder: -1n, clientAesKey }));
}

export interface ForgedWelcome {
  readonly dataToSign?: Uint8Array;
  readonly lastSeenSequence?: bigint;
  readonly serverAesKey?: Uint8Array;
}

/** A welcome in the server's name. */
export function forgeWelcome(fields: ForgedWelcome = {}): Promise<Uint8Array> {
  const { dataToSign = challenge(), lastSeenSequence = -1n, serverAesKey = crypto.randomBytes(32) } = fields;
  return publicKeys.alice.encrypt(encodeWelcome({ dataToSign, lastSeenSequence, serverAesKey }));
}

/** 32 random bytes that no challenge guard refuses. */
export function challenge(): Uint8Array {
  const bytes = crypto.randomBytes(32);
  for (const offset of [8, 12, 16]) bytes[offset] = 0x7f;
  return bytes;
}

/** Looks like a bound challenge, with this offer; the tag is a guess. */
export function markedChallenge(offer: number): Uint8Array {
  const bytes = crypto.randomBytes(72);
  bytes.set([0x7f, 0x53, 0x57, 0x31, 0x7f, 0x53, 0x57, 0x31], 8);
  new DataView(bytes.buffer).setUint32(16, offer);
  return bytes;
}
