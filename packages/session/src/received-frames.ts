import { type ClientFrame, decodeClientFrame, type Layout } from '@sealwire/framing';
import { SessionError } from './errors.js';
import type { FrameOpener } from './frame-cipher.js';
import type { Job, JobResult } from './jobs.js';
import type { Milliseconds } from './liveness.js';

/** A frame whose signature was looked at, or why it is none. */
export interface Verified {
  readonly frame: ClientFrame | SessionError;
  /** When it came. */
  readonly since: Milliseconds;
}

/**
 * Frames of a client on their way to be accepted: opened, read, their signature verified, in the order of their arrival. A
 * frame that fails before its signature costs a verification too, so that time does not tell how far it came; what
 * came before it is accepted first, and nothing behind it is looked at.
 */
export class ReceivedFrames {
  readonly #opener: FrameOpener;
  /** Of the client's key. */
  readonly #modulusBytes: number;
  readonly #verifying: Verified[] = [];
  /** Nothing is opened any more. */
  #failed = false;
  /** What failed was handed on. */
  #over = false;

  constructor(opener: FrameOpener, modulusBytes: number) {
    this.#opener = opener;
    this.#modulusBytes = modulusBytes;
  }

  /** What has to be verified because these bytes came; `undefined` where nothing is looked at any more. */
  take(bytes: Uint8Array, layout: Layout | 'auto', since: Milliseconds): Job | undefined {
    if (this.#failed) return undefined;
    try {
      const frame = decodeClientFrame(this.#opener.open(bytes), layout);
      const { data, signature } = frame;
      if (signature.length === this.#modulusBytes) {
        this.#verifying.push({ frame, since });
        return { kind: 'verify', bytes: data, signature };
      }
      this.#fail(since, 'the signature has not the size of the modulus');
    } catch (cause) {
      this.#fail(since, 'the frame cannot be opened or read', cause);
    }
    // A number below the modulus, and as many bytes to hash as the frame had.
    return { kind: 'verify', bytes, signature: new Uint8Array(this.#modulusBytes).fill(0x5a, 1) };
  }

  /** The oldest frame, now that its job is done; `undefined` behind one that failed. */
  verified(result: JobResult): Verified | undefined {
    const oldest = this.#verifying.shift();
    if (oldest === undefined || this.#over) return undefined;
    const { frame, since } = oldest;
    if (!(frame instanceof SessionError) && result === true) return oldest;
    this.end();
    if (frame instanceof SessionError) return oldest;
    return { frame: frameError('the signature does not hold'), since };
  }

  /** Nothing more is opened or handed on. */
  end(): void {
    this.#failed = true;
    this.#over = true;
  }

  destroy(): void {
    this.end();
    this.#opener.destroy();
  }

  #fail(since: Milliseconds, message: string, cause?: unknown): void {
    this.#failed = true;
    this.#verifying.push({ frame: frameError(message, cause), since });
  }
}

export function frameError(message: string, cause?: unknown): SessionError {
  return new SessionError('E_FRAME', message, cause === undefined ? undefined : { cause });
}
