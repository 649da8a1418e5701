import type { Reader } from '@sealwire/xdr';
import { decodeWhole } from './decode.js';
import { encodeWhole } from './encode.js';
import { FramingError } from './errors.js';
import type { Layout } from './layout.js';
import { defaultLimits, type FramingLimits } from './limits.js';
import { type ClientMessageType, MessageType } from './message-types.js';

/** A MESSAGE or RPC request of a client, opened but not yet verified. */
export interface ClientFrame {
  readonly layout: Layout;
  readonly type: ClientMessageType;
  /** SEQUENCE of a MESSAGE, REQUEST_ID of an RPC. */
  readonly number: bigint;
  /** UTF-8 JSON, not parsed. A view into the plaintext. */
  readonly json: Uint8Array;
  /** The bytes under the signature, exactly as they came. A view into the plaintext. */
  readonly data: Uint8Array;
  /** RSASSA-PSS over `data`; its length is checked against the key by whoever verifies it. */
  readonly signature: Uint8Array;
}

/**
 * What the client signs: `XDR[ hyper, opaque json ]`, in the deployed layout `XDR[ enum type, hyper, opaque json ]`.
 *
 * @throws FramingError
 */
export function encodeSignedData(
  layout: Layout,
  type: ClientMessageType,
  number: bigint,
  json: Uint8Array,
): Uint8Array {
  return encodeWhole('signed data', json.length + maxBesideJson, (writer) => {
    if (layout === 'deployed') writer.int32(type);
    writer.int64(number);
    writer.varOpaque(json);
  });
}

/**
 * The plaintext of a client's frame around `data` of {@link encodeSignedData} and its signature.
 *
 * @throws FramingError
 */
export function encodeClientFrame(
  layout: Layout,
  type: ClientMessageType,
  data: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  return encodeWhole("client's frame", signature.length + data.length + 18, (writer) => {
    writer.varOpaque(signature);
    if (layout === 'documented') writer.int32(type);
    writer.varOpaque(data);
  });
}

/**
 * Reads the plaintext of a client's frame. With 'auto' the word after the signature tells the layout: 1 or 2 is the
 * type of a documented frame, 16 or more the length of a deployed body.
 *
 * @throws FramingError
 */
export function decodeClientFrame(
  plaintext: Uint8Array,
  layout: Layout | 'auto',
  limits: FramingLimits = defaultLimits,
): ClientFrame {
  return decodeWhole(plaintext, "client's frame", (reader) => {
    const signature = reader.varOpaque(limits.signature);
    const actual = layout === 'auto' ? detectLayout(plaintext, reader.position) : layout;
    const outerType = actual === 'documented' ? clientMessageType(reader) : undefined;
    // Entered as a view first, because these very bytes are what the signature covers.
    const data = reader.varOpaque(limits.json + maxBesideJson);
    return decodeWhole(data, 'signed data', (inner) => ({
      layout: actual,
      type: outerType ?? clientMessageType(inner),
      number: inner.int64(),
      json: inner.varOpaque(limits.json),
      data,
      signature,
    }));
  });
}

const smallestDeployedBody = 16;
/** Type, number, length word and the last padding around the JSON of signed data. */
const maxBesideJson = 4 + 8 + 4 + 3;

function detectLayout(plaintext: Uint8Array, offset: number): Layout {
  if (plaintext.length < offset + 4)
    throw new FramingError('E_MALFORMED', "the client's frame ends after its signature");
  const word = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength).getUint32(offset);
  return word >= smallestDeployedBody ? 'deployed' : 'documented';
}

function clientMessageType(reader: Reader): ClientMessageType {
  const type = reader.int32();
  if (type !== MessageType.MESSAGE && type !== MessageType.RPC) {
    throw new FramingError('E_TYPE', `a client sends MESSAGE (1) or RPC (2), not ${type}`);
  }
  return type;
}
