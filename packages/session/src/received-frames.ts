import { type ClientFrame, decodeClientFrame, type Layout } from '@sealwire/framing';
import { SessionError } from './errors.js';
import type { FrameOpener } from './frame-cipher.js';
import type { Job, JobResult } from './jobs.js';

/**
 * Frames of a client on their way to be accepted: opened, read, their signature verified, in the order of their arrival. A
 * frame that fails before its signature costs a verification too, so that time does not tell how far it came; what
 * came before it is accepted first, and nothing behind it is looked at.
 */
export class ReceivedFrames {
  readonly #opener: FrameOpener;
  /** Of the client's key. */
  readonly #modulusBytes: number;
  readonly #verifying: (ClientFrame | SessionError)[] = [];
  #failed = false;

  constructor(opener: FrameOpener, modulusBytes: number) {
    this.#opener = opener;
    this.#modulusBytes = modulusBytes;
  }

  /** What has to be verified because these bytes came; `undefined` where nothing is looked at any more. */
  take(bytes: Uint8Array, layout: Layout | 'auto'): Job | undefined {
    if (this.#failed) return undefined;
    try {
      const frame = decodeClientFrame(this.#opener.open(bytes), layout);
      const { data, signature } = frame;
      if (signature.length === this.#modulusBytes) {
        this.#verifying.push(frame);
        return { kind: 'verify', bytes: data, signature };
      }
      this.#fail('the signature has not the size of the modulus');
    } catch (cause) {
      this.#fail('the frame cannot be opened or read', cause);
    }
    // A number below the modulus, and as many bytes to hash as the frame had.
    return { kind: 'verify', bytes, signature: new Uint8Array(this.#modulusBytes).fill(0x5a, 1) };
  }

  /** The oldest frame, or why it is none, now that its job is done. */
  verified(result: JobResult): ClientFrame | SessionError | undefined {
    const frame = this.#verifying.shift();
    if (frame === undefined || frame instanceof SessionError || result === true) return frame;
    return new SessionError('E_FRAME', 'the signature does not hold');
  }

  #fail(message: string, cause?: unknown): void {
    this.#failed = true;
    const error = new SessionError('E_FRAME', message, cause === undefined ? undefined : { cause });
    this.#verifying.push(error);
  }
}
