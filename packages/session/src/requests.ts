import { firstRequestId } from './numbers.js';

/** Signatures of requests that one session remembers; then it ends, and the next one starts with none. */
export const maxRememberedRequests = 65_536;

export type RequestVerdict =
  | 'admitted'
  /** Its REQUEST_ID is that of a request without an answer. */
  | 'in flight'
  /** Its REQUEST_ID could be a SEQUENCE, and this session takes none such. */
  | 'below 2^62'
  /** The very same request came before. */
  | 'replayed'
  /** The memory is full. */
  | 'full';

/**
 * The RPC requests of one server session. A REQUEST_ID may come again after its answer, so a recorded frame could
 * be sent again; but an honest client never makes the same PSS signature twice.
 */
export class Requests {
  readonly #highOnly: boolean;
  /** Made at the first request: most sessions have none. */
  #inFlight: Set<bigint> | undefined;
  /** Made at the first request that could come twice. */
  #seen: Set<string> | undefined;

  /** @param highOnly take no REQUEST_ID below 2^62 */
  constructor(highOnly: boolean) {
    this.#highOnly = highOnly;
  }

  /** @param signature verified, and therefore of one form and random; undefined where no frame can come twice */
  admit(requestId: bigint, signature: Uint8Array | undefined): RequestVerdict {
    if (this.#highOnly && requestId < firstRequestId) return 'below 2^62';
    this.#inFlight ??= new Set();
    if (this.#inFlight.has(requestId)) return 'in flight';
    if (signature !== undefined) {
      this.#seen ??= new Set();
      const print = String.fromCharCode(...signature.subarray(0, 16));
      if (this.#seen.has(print)) return 'replayed';
      if (this.#seen.size === maxRememberedRequests) return 'full';
      this.#seen.add(print);
    }
    this.#inFlight.add(requestId);
    return 'admitted';
  }

  /** The request is answered. False if none with this id is in flight. */
  settle(requestId: bigint): boolean {
    return this.#inFlight?.delete(requestId) ?? false;
  }

  clear(): void {
    this.#inFlight = undefined;
    this.#seen = undefined;
  }
}
