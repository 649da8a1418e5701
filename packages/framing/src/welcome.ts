import { decodeWhole } from './decode.js';
import { encodeWhole } from './encode.js';
import { defaultLimits, type FramingLimits } from './limits.js';

/** The server's answer to a hello, encrypted with the client's public key. */
export interface Welcome {
  /** The challenge. Secret: whoever reads it before the proof could have it signed elsewhere. */
  readonly dataToSign: Uint8Array;
  /** LAST SEEN SEQUENCE: -1n for a client that never sent anything. */
  readonly lastSeenSequence: bigint;
  /** 32 bytes. This package takes any length, so that the session can refuse with its own words. */
  readonly serverAesKey: Uint8Array;
  /** Later revisions of the exchange's own server append it; the document does not know it. */
  readonly version?: number;
}

/**
 * `XDR[ opaque dataToSign, hyper lastSeenSequence, opaque serverAesKey ]` and, where it is given, `unsigned int version`.
 *
 * @throws FramingError
 */
export function encodeWelcome(welcome: Welcome): Uint8Array {
  return encodeWhole('welcome', 64 + welcome.dataToSign.length, (writer) => {
    writer.varOpaque(welcome.dataToSign);
    writer.int64(welcome.lastSeenSequence);
    writer.varOpaque(welcome.serverAesKey);
    if (welcome.version !== undefined) writer.uint32(welcome.version);
  });
}

export interface DecodeWelcomeOptions {
  /** Take a `version` after the last field of the document. Default false: nothing may follow. */
  readonly version?: boolean;
  /** Default {@link defaultLimits}. */
  readonly limits?: FramingLimits;
}

/** @throws FramingError */
export function decodeWelcome(bytes: Uint8Array, options: DecodeWelcomeOptions = {}): Welcome {
  const limits = options.limits ?? defaultLimits;
  return decodeWhole(bytes, 'welcome', (reader) => {
    const welcome = {
      dataToSign: reader.varOpaque(limits.dataToSign),
      lastSeenSequence: reader.int64(),
      serverAesKey: reader.varOpaque(),
    };
    return options.version === true && reader.remaining > 0
      ? { ...welcome, version: reader.uint32() }
      : welcome;
  });
}
