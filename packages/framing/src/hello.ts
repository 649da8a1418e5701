import { decodeWhole } from './decode.js';
import { encodeWhole } from './encode.js';
import { defaultLimits, type FramingLimits } from './limits.js';

/** What a client says first, encrypted with the server's public key. */
export interface Hello {
  readonly clientId: Uint8Array;
  /** LAST SEEN ORDER: -1n and 0n both mean "from the oldest kept". */
  readonly lastSeenOrder: bigint;
  /** 32 bytes. This package takes any length, so that the session can refuse with its own words. */
  readonly clientAesKey: Uint8Array;
  /** Later revisions of the exchange's own client append it; the document does not know it. */
  readonly version?: number;
}

/**
 * `XDR[ opaque clientId, hyper lastSeenOrder, opaque clientAesKey ]` and, where it is given, `unsigned int version`.
 *
 * @throws FramingError
 */
export function encodeHello(hello: Hello): Uint8Array {
  return encodeWhole('hello', 64 + hello.clientId.length, (writer) => {
    writer.varOpaque(hello.clientId);
    writer.int64(hello.lastSeenOrder);
    writer.varOpaque(hello.clientAesKey);
    if (hello.version !== undefined) writer.uint32(hello.version);
  });
}

export interface DecodeHelloOptions {
  /** Take a `version` after the last field of the document. Default false: nothing may follow. */
  readonly version?: boolean;
  /** Default {@link defaultLimits}. */
  readonly limits?: FramingLimits;
}

/** @throws FramingError */
export function decodeHello(bytes: Uint8Array, options: DecodeHelloOptions = {}): Hello {
  const limits = options.limits ?? defaultLimits;
  return decodeWhole(bytes, 'hello', (reader) => {
    const hello = {
      clientId: reader.varOpaque(limits.clientId),
      lastSeenOrder: reader.int64(),
      clientAesKey: reader.varOpaque(),
    };
    return options.version === true && reader.remaining > 0 ? { ...hello, version: reader.uint32() } : hello;
  });
}

/**
 * The longest CLIENT ID whose hello fits one RSAES-OAEP block (RFC 8017, section 7.1.1) of a server key, in bytes.
 * 164 for a modulus of 256 bytes.
 */
export function maxClientIdBytes(serverModulusBytes: number): number {
  const plaintext = serverModulusBytes - 42;
  const others = 4 + 8 + 4 + 32;
  return Math.max(0, (plaintext - others) & ~3);
}
