import { type Crypto, timingSafeEqual } from '@sealwire/crypto';
import { encodeTranscript, type Transcript } from '@sealwire/framing';

/**
 * A challenge that is bound to its handshake: `DATA TO SIGN = head || tag`. Only who knows both AES keys, and so only
 * the holder of the server's private key or the client itself, can make the tag. docs/hardening.md has the bytes.
 */

/** Bytes 8 to 16 of such a challenge. */
const mark = Uint8Array.of(0x7f, 0x53, 0x57, 0x31, 0x7f, 0x53, 0x57, 0x31);
const markOffset = 8;
const offerOffset = markOffset + mark.length;
const headBytes = 40;
const tagBytes = 32;
const macKeyBytes = 32;

/** Length of a bound DATA TO SIGN. */
export const boundBytes: number = headBytes + tagBytes;

/** Bit 0 of the offer: both directions seal with synthetic IVs once the client accepts. Always set. */
const offersSyntheticIvs = 1;
/** Bit 1: the server answers `sealwire.Checkpoint`. */
const offersCheckpoint = 2;

/** What a client appends to DATA TO SIGN when it accepts the offer: bit 0. */
const acceptance = Uint8Array.of(0, 0, 0, 1);

const salt = new TextEncoder().encode('sealwire handshake 1');

/** What both sides put into a handshake, as each of them knows it. */
export interface Binding extends Omit<Transcript, 'head'> {
  readonly clientAesKey: Uint8Array;
  readonly serverAesKey: Uint8Array;
}

/** The keys of the synthetic IVs of a session, by the side that seals with them. Secret. */
export interface MacKeys {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

export interface BoundChallenge {
  readonly dataToSign: Uint8Array;
  readonly macKeys: MacKeys;
}

export function isMarked(challenge: Uint8Array): boolean {
  return mark.every((byte, index) => challenge[markOffset + index] === byte);
}

/** Does a welcome with a bound challenge, 48 bytes and DATA TO SIGN, fit an OAEP block (RFC 8017, 7.1.1) of this key? */
export function fitsBoundChallenge(modulusBytes: number): boolean {
  return modulusBytes - 42 >= 48 + boundBytes;
}

/** The server's side: a fresh challenge for this handshake. */
export function bindChallenge(crypto: Crypto, binding: Binding, checkpoint: boolean): BoundChallenge {
  const dataToSign = new Uint8Array(boundBytes);
  const head = dataToSign.subarray(0, headBytes);
  const nonces = crypto.randomBytes(headBytes);
  head.set(nonces);
  nonces.fill(0);
  head.set(mark, markOffset);
  new DataView(head.buffer).setUint32(offerOffset, offersSyntheticIvs | (checkpoint ? offersCheckpoint : 0));
  const { tag, macKeys } = deriveKeys(crypto, binding, head);
  dataToSign.set(tag, headBytes);
  return { dataToSign, macKeys };
}

/**
 * The client's side: the keys of a marked challenge, where its tag holds for this handshake.
 *
 * @param dataToSign `boundBytes` long
 */
export function openChallenge(crypto: Crypto, binding: Binding, dataToSign: Uint8Array): MacKeys | undefined {
  const { tag, macKeys } = deriveKeys(crypto, binding, dataToSign.subarray(0, headBytes));
  return timingSafeEqual(tag, dataToSign.subarray(headBytes)) ? macKeys : undefined;
}

/** What a bound challenge offers; believe it only once the tag holds. Unknown bits mean nothing. */
export function offerOf(dataToSign: Uint8Array): {
  readonly syntheticIvs: boolean;
  readonly checkpoint: boolean;
} {
  const offer = new DataView(dataToSign.buffer, dataToSign.byteOffset).getUint32(offerOffset);
  return { syntheticIvs: (offer & offersSyntheticIvs) !== 0, checkpoint: (offer & offersCheckpoint) !== 0 };
}

/** What a client signs that accepts: no other signature makes a hardened session. */
export function accepted(dataToSign: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(dataToSign.length + acceptance.length);
  bytes.set(dataToSign);
  bytes.set(acceptance, dataToSign.length);
  return bytes;
}

function deriveKeys(
  crypto: Crypto,
  { clientAesKey, serverAesKey, ...shared }: Binding,
  head: Uint8Array,
): { readonly tag: Uint8Array; readonly macKeys: MacKeys } {
  const secret = new Uint8Array(clientAesKey.length + serverAesKey.length);
  secret.set(clientAesKey);
  secret.set(serverAesKey, clientAesKey.length);
  const info = crypto.sha512(encodeTranscript({ ...shared, head }));
  const keys = crypto.hkdfSha512(secret, salt, info, tagBytes + 2 * macKeyBytes);
  secret.fill(0);
  const macKeysAt = tagBytes + macKeyBytes;
  return {
    tag: keys.subarray(0, tagBytes),
    macKeys: { client: keys.subarray(tagBytes, macKeysAt), server: keys.subarray(macKeysAt) },
  };
}
