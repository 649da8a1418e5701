import type { Crypto, PublicKey } from '@sealwire/crypto';

/** What the handshake needs of a client's key. That of a decoy has no fingerprint. */
export type PeerKey = Pick<PublicKey, 'modulusBytes' | 'spki' | 'encrypt' | 'verify'> &
  Partial<Pick<PublicKey, 'fingerprint'>>;

/** Sizes of moduli in bytes, by how often they come. */
const sizes = [256, 256, 256, 384, 512] as const;
const longest = 512;
const salt = new TextEncoder().encode('sealwire decoy 1');
const encoder = new TextEncoder();
/** Of each of the two factors whose product a modulus begins with. */
const factorBytes = 15;

/**
 * Keys that stand in for those of unknown clients, so that a hello does not tell who exists. Such a key is a number that
 * only the secret knows, the same for one client id each time; the welcome "encrypted" to it is a random number below
 * it, and nothing is ever proved with it. An operation with a true key takes the time that it should take.
 */
export class Decoys {
  readonly #crypto: Crypto;
  readonly #secret: Uint8Array;
  /**
   * What all moduli end with. Only their first bytes are ever seen, and only through how large the numbers below them
   * get: as many bits as the logarithm of the number of welcomes.
   */
  readonly #end: Uint8Array;
  /** Public keys of each size, for the time that their operations take. */
  readonly #dummies = new Map<number, Promise<PublicKey | undefined>>();

  constructor(crypto: Crypto, secret: Uint8Array) {
    this.#crypto = crypto;
    this.#secret = secret;
    this.#end = crypto.hkdfSha512(secret, salt, new Uint8Array(0), longest);
    // A modulus is odd.
    this.#end[longest - 1] = (this.#end[longest - 1] ?? 0) | 1;
  }

  /** Cheap; called for known clients too, so that it takes the same time for all. */
  keyOf(clientId: string): PeerKey {
    const print = this.#crypto.hmacSha256(this.#secret, encoder.encode(clientId));
    const size = sizes[(print[0] ?? 0) % sizes.length] ?? longest;
    const modulus = this.#end.slice(longest - size);
    modulus.set(
      product(print.subarray(1, 1 + factorBytes), print.subarray(1 + factorBytes, 1 + 2 * factorBytes)),
    );
    const crypto = this.#crypto;
    const dummy = (): Promise<PublicKey | undefined> => this.#dummy(size, modulus);
    return {
      modulusBytes: size,
      spki: modulus,
      async encrypt(plaintext) {
        await (await dummy())?.encrypt(plaintext);
        return randomBelow(modulus, crypto);
      },
      async verify(data, signature) {
        await (await dummy())?.verify(data, signature);
        return false;
      },
    };
  }

  #dummy(size: number, modulus: Uint8Array): Promise<PublicKey | undefined> {
    const known = this.#dummies.get(size);
    if (known !== undefined) return known;
    // Nobody knows its factors, so it is as good as a key that was made.
    const dummy = this.#crypto.importPublicKey(derOf(modulus)).catch(() => undefined);
    this.#dummies.set(size, dummy);
    return dummy;
  }
}

/** The product of two numbers whose two highest bits are set, as those of the primes of an RSA key are: as long as both. */
function product(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.from((factor(a) * factor(b)).toString(16), 'hex');
}

function factor(random: Uint8Array): bigint {
  const bytes = Buffer.from(random);
  bytes[0] = (bytes[0] ?? 0) | 0xc0;
  return BigInt(`0x${bytes.toString('hex')}`);
}

function randomBelow(modulus: Uint8Array, { randomBytes }: Crypto): Uint8Array {
  for (;;) {
    const bytes = randomBytes(modulus.length);
    if (Buffer.compare(bytes, modulus) < 0) return bytes;
  }
}

/** PKCS#1 (RFC 8017, appendix A.1.1) with exponent 65537; the modulus has its highest bit set and 256 to 512 bytes. */
function derOf(modulus: Uint8Array): Uint8Array {
  const length = modulus.length + 1;
  const integer = [0x02, 0x82, length >> 8, length & 0xff, 0, ...modulus];
  const content = [...integer, 0x02, 0x03, 0x01, 0x00, 0x01];
  return Uint8Array.of(0x30, 0x82, content.length >> 8, content.length & 0xff, ...content);
}
