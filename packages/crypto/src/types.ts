/** Which primitives stand behind a {@link Crypto}. */
export type BackendName = 'node' | 'web' | 'portable';

/**
 * A public key: one PEM block (as text, or as the bytes of the file), or DER.
 * PKCS#1 (`RSA PUBLIC KEY`) and SPKI (`PUBLIC KEY`) are read; at most 64 KiB.
 */
export type PublicKeyInput = string | Uint8Array;

/**
 * A private key: one PEM block (as text, or as the bytes of the file), or DER.
 * PKCS#1 (`RSA PRIVATE KEY`), PKCS#8 (`PRIVATE KEY`) and, on Node, encrypted PKCS#8
 * (`ENCRYPTED PRIVATE KEY`) are read; at most 64 KiB.
 */
export type PrivateKeyInput = string | Uint8Array;

export interface KeyOptions {
  /** Accept moduli of 1024 to 2047 bits. Such keys can be broken: for tests with old peers only. Default false. */
  readonly unsafeAllowSmallKeys?: boolean;
}

export interface PrivateKeyOptions extends KeyOptions {
  /** Opens an encrypted PKCS#8 key. Refused where the key is not encrypted, so that a mix-up shows. */
  readonly passphrase?: string;
  /** Whether {@link PrivateKey.toPem} may hand the key out again. Default false. */
  readonly extractable?: boolean;
  /**
   * Let the portable back end use the private key. Its big integers are not constant time: whoever can measure
   * how long an operation takes may learn the key. Without this option the portable back end refuses. Default false.
   */
  readonly unsafePortablePrivateKeys?: boolean;
}

export interface GenerateOptions extends Omit<PrivateKeyOptions, 'passphrase'> {
  /** A multiple of 8 from 2048 to 8192. Default 2048. */
  readonly modulusBits?: number;
  /** Default true: a generated key that cannot be saved is seldom what is wanted. */
  readonly extractable?: boolean;
}

/**
 * An RSA public key that has passed the checks: RSA (not RSASSA-PSS), 2048 to 8192 bits, odd modulus,
 * odd exponent 3 <= e < 2^32.
 */
export interface PublicKey {
  readonly modulusBits: number;
  /** k of RFC 8017: the length in bytes of every ciphertext and every signature. */
  readonly modulusBytes: number;
  readonly publicExponent: number;
  /** The most bytes that {@link encrypt} takes: k - 42 (RFC 8017, section 7.1.1). */
  readonly maxPlaintext: number;
  /** SubjectPublicKeyInfo in minimal DER, rebuilt from modulus and exponent; a fresh copy each time. */
  readonly spki: Uint8Array;
  /** SHA-256 of {@link spki}, written `SHA256:` and base64 without padding, in the style of OpenSSH. */
  readonly fingerprint: string;
  /**
   * RSAES-OAEP with SHA-1, MGF1-SHA-1 and no label (RFC 8017, section 7.1).
   * @returns k bytes. Rejects with `E_TOO_LONG` if there are more than {@link maxPlaintext} bytes.
   */
  encrypt(plaintext: Uint8Array): Promise<Uint8Array>;
  /**
   * RSASSA-PSS with SHA-512, MGF1-SHA-512 and a salt of exactly ceil((bits-1)/8) - 66 bytes (RFC 8017, section 8.1).
   * Resolves false for everything that is not such a signature of exactly k bytes; never rejects because of what
   * a peer sent.
   */
  verify(data: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** SPKI as PEM (`PUBLIC KEY`). */
  toPem(): string;
}

/**
 * An RSA private key that has passed the checks of {@link PublicKey} and a sign-and-verify self-test: imported,
 * generated, or external (`externalPrivateKey`).
 */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  /**
   * The inverse of {@link PublicKey.encrypt}. Rejects with `E_DECRYPT` and one message whatever the cause; a wrong
   * length or an integer not below the modulus is refused before any RSA operation.
   */
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
  /** Signs as {@link PublicKey.verify} describes; k bytes, different each time. */
  sign(data: Uint8Array): Promise<Uint8Array>;
  /**
   * 32 secret bytes that depend on the key and the purpose alone: for what must stay the same as long as the key does.
   * They tell nothing of the key. Absent where the key lives elsewhere, such as in an HSM.
   */
  deriveSecret?(purpose: string): Uint8Array;
  /** PKCS#8 as PEM (`PRIVATE KEY`), not encrypted. Rejects with `E_NOT_EXTRACTABLE` unless the key was made so. */
  toPem(): Promise<string>;
}

/**
 * What a device or service does with the private key that it keeps. Both get copies that are theirs. A rejection, and
 * an answer that is not right, fail that one operation. Neither has a deadline here: an operation that never settles
 * keeps its place among `maxOperations`, so end it yourself.
 */
export interface ExternalKeyOperations {
  /**
   * RSASSA-PSS with SHA-512, MGF1-SHA-512 and a salt of ceil((bits-1)/8) - 66 bytes, over `data` itself. A device
   * that wants the digest is given `crypto.sha512(data)`. May be left out for a server, which only decrypts.
   */
  sign?(data: Uint8Array): Promise<Uint8Array>;
  /** RSAES-OAEP with SHA-1, MGF1-SHA-1 and no label. `ciphertext` has k bytes and is below the modulus. */
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
}

export interface ExternalKeyOptions {
  /** How many operations may run at once, 1 to 65,536. Default 4. */
  readonly maxOperations?: number;
  /** How many more may wait for their turn, 0 to 65,536; beyond it they reject with `E_BUSY`. Default 1,024. */
  readonly maxWaiting?: number;
}

export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly privateKey: PrivateKey;
}

export interface CipherOptions {
  /** The most bytes that one call takes, over all frames of a batch. Default 16 MiB, which is also the maximum. */
  readonly maxCallBytes?: number;
}

export interface SealerOptions extends CipherOptions {
  /** The most blocks of 16 bytes sealed under this key, IVs included. Default 2^32, which is also the maximum. */
  readonly maxBlocks?: number;
}

/**
 * Seals frames under one AES-256-CBC key: `IV (16 bytes) || ciphertext`, PKCS#7 padding.
 *
 * CBC alone hides, it does not authenticate. Every method throws `E_TOO_LONG` above `maxCallBytes`, `E_EXHAUSTED`
 * above `maxBlocks`, `E_NO_RANDOM` if there is no randomness (no frame is made then) and `E_DESTROYED` after
 * {@link destroy}.
 */
export interface Sealer {
  /** Seals with a fresh, uniform, unpredictable IV. */
  seal(plaintext: Uint8Array): Uint8Array;
  /** Like {@link seal} for each, in order. The frames may be parts of one buffer: do not write into them. */
  sealBatch(plaintexts: readonly Uint8Array[]): Uint8Array[];
  /**
   * Seals with the given IV of 16 bytes; the result is plain CBC, byte for byte.
   *
   * Danger: with CBC an IV that repeats, or that can be guessed before the plaintext is fixed, leaks plaintext.
   * It is meant for test vectors; for an IV that depends on the plaintext use {@link sealDerived}.
   */
  sealWithIv(plaintext: Uint8Array, iv: Uint8Array): Uint8Array;
  /**
   * Seals with the IV that `deriveIv` computes from the padded plaintext (the synthetic IV of a hardened session).
   * `deriveIv` must be a keyed pseudo-random function of everything it is given and must not keep `padded`.
   */
  sealDerived(plaintext: Uint8Array, deriveIv: (padded: Uint8Array) => Uint8Array): Uint8Array;
  /** Like {@link sealDerived} for each, in order; `deriveIv` is called once for each frame, in order. */
  sealDerivedBatch(
    plaintexts: readonly Uint8Array[],
    deriveIv: (padded: Uint8Array) => Uint8Array,
  ): Uint8Array[];
  /** Forgets the key. Later calls throw `E_DESTROYED`. May be called twice. */
  destroy(): void;
}

/**
 * Opens frames sealed under one AES-256-CBC key.
 *
 * Every failure throws `E_OPEN` with one message, whatever the cause, and destroys the opener: all later calls throw
 * `E_OPEN` too. So a peer that sends a bad frame gets no second try and learns nothing from which check failed.
 */
export interface Opener {
  open(frame: Uint8Array): Uint8Array;
  /**
   * Opens each, in order. If one frame is bad the whole batch throws and it is not said which were good.
   * The plaintexts may be parts of one buffer.
   */
  openBatch(frames: readonly Uint8Array[]): Uint8Array[];
  /**
   * Decrypts without looking at the padding, asks `accept`, and only then removes the padding, strictly. `accept`
   * gets the IV and the padded plaintext, must decide in constant time and must not keep either. If it throws, its
   * error comes out and the opener is destroyed.
   */
  openVerified(frame: Uint8Array, accept: (iv: Uint8Array, padded: Uint8Array) => boolean): Uint8Array;
  /** Like {@link openVerified} for each, in order; `accept` is called once for each frame, in order. */
  openVerifiedBatch(
    frames: readonly Uint8Array[],
    accept: (iv: Uint8Array, padded: Uint8Array) => boolean,
  ): Uint8Array[];
  /**
   * Opens one frame each time that it is asked, in order: like {@link open}, or with `accept` like {@link openVerified}.
   * So a bad frame does not take along what came before it. AES runs over many frames at once, ahead of what is asked for.
   */
  openEach(
    frames: readonly Uint8Array[],
    accept?: (iv: Uint8Array, padded: Uint8Array) => boolean,
  ): Generator<Uint8Array, void>;
  /** Forgets the key. Later calls throw `E_DESTROYED` (or still `E_OPEN` after a failure). May be called twice. */
  destroy(): void;
}

/**
 * One back end. `crypto` of the package root is the one that the export conditions choose; `/node`, `/web` and
 * `/portable` export theirs by hand. There is never a silent fall-back from one to another.
 */
export interface Crypto {
  readonly backend: BackendName;
  /** Bytes from the platform's generator, at most 1 MiB a call; `E_NO_RANDOM` if there is none. */
  randomBytes(length: number): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  /** FIPS 180-4; 64 bytes. */
  sha512(data: Uint8Array): Uint8Array;
  /** RFC 2104; 32 bytes, over all `data` one after the other. */
  hmacSha256(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array;
  /** RFC 5869 with SHA-512; `length` from 1 to 16,320 bytes, else `E_ARGUMENT`. */
  hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** Rejects with one of the `E_KEY_…` codes. */
  importPublicKey(key: PublicKeyInput, options?: KeyOptions): Promise<PublicKey>;
  /** Rejects with one of the `E_KEY_…` codes, or `E_PORTABLE_PRIVATE`. */
  importPrivateKey(key: PrivateKeyInput, options?: PrivateKeyOptions): Promise<PrivateKey>;
  generateKeyPair(options?: GenerateOptions): Promise<KeyPair>;
  /** @param key 32 bytes, copied; `E_AES_KEY` for another length or if all bytes are the same. */
  createSealer(key: Uint8Array, options?: SealerOptions): Sealer;
  /** @param key 32 bytes, copied; `E_AES_KEY` for another length or if all bytes are the same. */
  createOpener(key: Uint8Array, options?: CipherOptions): Opener;
}
