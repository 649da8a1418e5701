import { encodeWhole } from './encode.js';

/** Everything that the two sides of a handshake must agree on, so that a challenge can be bound to it. */
export interface Transcript {
  /** Configured on both sides, such as the name of the service; may be empty. */
  readonly context: Uint8Array;
  readonly clientId: Uint8Array;
  readonly lastSeenOrder: bigint;
  /** The part of DATA TO SIGN before the tag. */
  readonly head: Uint8Array;
  readonly lastSeenSequence: bigint;
  /** SubjectPublicKeyInfo, in minimal DER, of the key that opened the hello … */
  readonly serverSpki: Uint8Array;
  /** … and of the key that the welcome is for. */
  readonly clientSpki: Uint8Array;
}

/**
 * `XDR[ opaque context, opaque clientId, hyper lastSeenOrder, opaque head, hyper lastSeenSequence, opaque serverSpki,
 * opaque clientSpki ]`. It is hashed by both sides and never sent.
 *
 * @throws FramingError
 */
export function encodeTranscript(transcript: Transcript): Uint8Array {
  const { context, clientId, head, serverSpki, clientSpki } = transcript;
  const opaques = [context, clientId, head, serverSpki, clientSpki];
  const capacity = opaques.reduce((sum, { length }) => sum + 8 + length, 16);
  return encodeWhole('transcript', capacity, (writer) => {
    writer.varOpaque(context);
    writer.varOpaque(clientId);
    writer.int64(transcript.lastSeenOrder);
    writer.varOpaque(head);
    writer.int64(transcript.lastSeenSequence);
    writer.varOpaque(serverSpki);
    writer.varOpaque(clientSpki);
  });
}
