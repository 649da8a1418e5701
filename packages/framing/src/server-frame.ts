import type { Reader } from '@sealwire/xdr';
import { malformed, wholeReader } from './decode.js';
import { FramingError } from './errors.js';
import type { Layout } from './layout.js';
import { defaultLimits, type FramingLimits } from './limits.js';
import { MessageType } from './message-types.js';

export interface ServerMessage {
  readonly type: typeof MessageType.MESSAGE;
  readonly layout: Layout;
  readonly order: bigint;
  /** Seconds since 1970-01-01 UTC with the fraction, finite: when the event happened. */
  readonly timestamp: number;
  /** UTF-8 JSON, not parsed. A view into the plaintext. */
  readonly json: Uint8Array;
}

export interface ServerRpc {
  readonly type: typeof MessageType.RPC;
  readonly layout: Layout;
  readonly requestId: bigint;
  /** UTF-8 JSON, not parsed. A view into the plaintext. */
  readonly json: Uint8Array;
}

export interface ServerError {
  readonly type: typeof MessageType.ERROR;
  readonly layout: Layout;
  /** The server's words: shown to people, never interpreted, control characters included. */
  readonly text: string;
}

export type ServerFrame = ServerMessage | ServerRpc | ServerError;

/**
 * Reads the plaintext of a server's frame. With 'auto' a MESSAGE or RPC is documented if its second word is the
 * length of all that follows it, an ERROR if its opaque holds exactly one opaque.
 *
 * In the deployed layout that second word is the upper half of ORDER or REQUEST_ID, so a number from 2^35 on can
 * happen to be such a length; once the layout of a session is known, name it.
 *
 * @throws FramingError
 */
export function decodeServerFrame(
  plaintext: Uint8Array,
  layout: Layout | 'auto',
  limits: FramingLimits = defaultLimits,
): ServerFrame {
  // Not by decodeWhole: it would take a function of its own for each frame of the busiest path.
  try {
    const reader = wholeReader(plaintext);
    const type = reader.int32();
    const actual = layout === 'auto' ? detectLayout(plaintext, type) : layout;
    const outer = actual === 'documented' ? reader.openOpaque() : undefined;
    const frame = decodeBody(reader, type, actual, limits);
    if (outer !== undefined) reader.closeOpaque(outer);
    reader.end();
    return frame;
  } catch (error) {
    throw malformed("server's frame", error);
  }
}

function decodeBody(reader: Reader, type: number, layout: Layout, limits: FramingLimits): ServerFrame {
  switch (type) {
    case MessageType.MESSAGE: {
      const order = reader.int64();
      const timestamp = reader.float64();
      if (!Number.isFinite(timestamp))
        throw new FramingError('E_TIMESTAMP', 'TIMESTAMP is not a finite number');
      return { type, layout, order, timestamp, json: reader.varOpaque(limits.json) };
    }
    case MessageType.RPC:
      return { type, layout, requestId: reader.int64(), json: reader.varOpaque(limits.json) };
    case MessageType.ERROR:
      return { type, layout, text: decodeText(reader.varOpaque(limits.errorText)) };
    default:
      throw new FramingError('E_TYPE', `a server sends MESSAGE (1), RPC (2) or ERROR (3), not ${type}`);
  }
}

function detectLayout(plaintext: Uint8Array, type: number): Layout {
  const rest = plaintext.subarray(4);
  if (type === MessageType.ERROR) {
    const text = soleOpaque(rest);
    return text !== undefined && soleOpaque(text) !== undefined ? 'documented' : 'deployed';
  }
  if (rest.length < 4) throw new FramingError('E_MALFORMED', "the server's frame ends after its type");
  const word = new DataView(rest.buffer, rest.byteOffset, rest.byteLength).getUint32(0);
  return word === rest.length - 4 ? 'documented' : 'deployed';
}

/** The content of `bytes`, if they are exactly one variable opaque. */
function soleOpaque(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const reader = wholeReader(bytes);
    const content = reader.varOpaque();
    reader.end();
    return content;
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new FramingError('E_TEXT', 'ERROR text is not UTF-8', { cause });
  }
}
