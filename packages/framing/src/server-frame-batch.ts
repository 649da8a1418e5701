import { Writer, XdrError } from '@sealwire/xdr';
import { maxMessageBytes } from './encode.js';
import { FramingError } from './errors.js';
import type { Layout } from './layout.js';
import { MessageType } from './message-types.js';

/** One frame as long as a frame may be, and whatever stands before it. */
const maxBatchBytes = 2 * maxMessageBytes;

/** Type, length of the inner opaque, hyper, double, length of the payload, and its padding: the most that is added. */
const overhead = 31;

/**
 * Plaintexts of frames of a server, written behind one another into one buffer, which is used again after `clear`. A
 * frame that cannot be written leaves nothing behind.
 *
 * @throws FramingError `E_LIMIT` for a frame beyond 16 MiB or a batch beyond 32 MiB, `E_FIELD`, `E_TIMESTAMP`
 */
export class ServerFrameBatch {
  readonly #writer: Writer;
  readonly #ends: number[] = [];

  /** @param capacity bytes to begin with; the buffer doubles when it is full */
  constructor(capacity = 1_024) {
    this.#writer = new Writer({ capacity, maxBytes: maxBatchBytes });
  }

  get count(): number {
    return this.#ends.length;
  }

  /** The bytes of all frames. */
  get size(): number {
    return this.#writer.position;
  }

  /** `XDR[ enum 1, opaque XDR[ hyper order, double timestamp, opaque json ] ]`; deployed without the inner opaque. */
  addMessage(layout: Layout, order: bigint, timestamp: number, json: Uint8Array): void {
    if (!Number.isFinite(timestamp)) {
      throw new FramingError('E_TIMESTAMP', 'TIMESTAMP must be a finite number');
    }
    this.#checkRoom(json.length);
    try {
      const mark = this.#open(layout, MessageType.MESSAGE);
      this.#writer.int64(order);
      this.#writer.float64(timestamp);
      this.#writer.varOpaque(json);
      this.#close(mark);
    } catch (error) {
      throw this.#undone(error);
    }
  }

  /** `XDR[ enum 2, opaque XDR[ hyper requestId, opaque json ] ]`; deployed without the inner opaque. */
  addRpc(layout: Layout, requestId: bigint, json: Uint8Array): void {
    this.#checkRoom(json.length);
    try {
      const mark = this.#open(layout, MessageType.RPC);
      this.#writer.int64(requestId);
      this.#writer.varOpaque(json);
      this.#close(mark);
    } catch (error) {
      throw this.#undone(error);
    }
  }

  /** `XDR[ enum 3, opaque XDR[ opaque text ] ]`; deployed without the inner opaque. */
  addError(layout: Layout, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#checkRoom(bytes.length);
    const mark = this.#open(layout, MessageType.ERROR);
    this.#writer.varOpaque(bytes);
    this.#close(mark);
  }

  /** Frame by frame: views, which hold until `clear`. */
  plaintexts(): Uint8Array[] {
    const bytes = this.#writer.bytes();
    let start = 0;
    return this.#ends.map((end) => {
      const frame = bytes.subarray(start, end);
      start = end;
      return frame;
    });
  }

  /** Begins anew in the same buffer. */
  clear(): void {
    this.#writer.reset();
    this.#ends.length = 0;
  }

  #checkRoom(payload: number): void {
    const length = payload + overhead;
    if (length > maxMessageBytes || this.size + length > maxBatchBytes) {
      throw new FramingError('E_LIMIT', `a frame may have ${maxMessageBytes} bytes, a batch twice as many`);
    }
  }

  /** Returns the mark of the inner opaque, where there is one. */
  #open(layout: Layout, type: MessageType): number | undefined {
    this.#writer.int32(type);
    return layout === 'documented' ? this.#writer.openOpaque() : undefined;
  }

  #close(mark: number | undefined): void {
    if (mark !== undefined) this.#writer.closeOpaque(mark);
    this.#ends.push(this.#writer.position);
  }

  #undone(error: unknown): unknown {
    this.#writer.reset(this.#ends.at(-1) ?? 0);
    if (!(error instanceof XdrError)) return error;
    return new FramingError('E_FIELD', "the server's frame cannot be written", { cause: error });
  }
}

/**
 * One frame of {@link ServerFrameBatch.addMessage}.
 *
 * @throws FramingError
 */
export function encodeServerMessage(
  layout: Layout,
  order: bigint,
  timestamp: number,
  json: Uint8Array,
): Uint8Array {
  return sole(json.length, (batch) => batch.addMessage(layout, order, timestamp, json));
}

/**
 * One frame of {@link ServerFrameBatch.addRpc}.
 *
 * @throws FramingError
 */
export function encodeServerRpc(layout: Layout, requestId: bigint, json: Uint8Array): Uint8Array {
  return sole(json.length, (batch) => batch.addRpc(layout, requestId, json));
}

/**
 * One frame of {@link ServerFrameBatch.addError}.
 *
 * @throws FramingError
 */
export function encodeServerError(layout: Layout, text: string): Uint8Array {
  return sole(text.length, (batch) => batch.addError(layout, text));
}

function sole(payload: number, add: (batch: ServerFrameBatch) => void): Uint8Array {
  // Not more than the largest frame: a longer payload is refused before anything is allocated for it.
  const batch = new ServerFrameBatch(Math.min(payload + overhead, maxMessageBytes));
  add(batch);
  return batch.plaintexts()[0]!;
}
