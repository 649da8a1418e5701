import { ServerFrameBatch } from '@sealwire/framing';
import type { FrameSealer } from './frame-cipher.js';

/** A batch that grew beyond this is let go of. */
const maxKeptBytes = 262_144;
/** Few sessions have something queued at the same moment, because most queue and flush in one go. */
const maxKept = 8;

/**
 * Batches that no session has anything in. They are lent from the first queued frame to the flush: a buffer in each
 * session would be most of what an idle one takes, and a new one for each flush most of what a single frame takes.
 */
const idle: ServerFrameBatch[] = [];

/** What a server session has queued and not yet sealed. */
export class OutgoingFrames {
  #batch: ServerFrameBatch | undefined;

  /** Where frames are added. */
  get batch(): ServerFrameBatch {
    this.#batch ??= idle.pop() ?? new ServerFrameBatch();
    return this.#batch;
  }

  /** All that is queued, sealed; nothing is queued any more, also if sealing failed. */
  seal(sealer: FrameSealer): readonly Uint8Array[] {
    if (this.#batch === undefined) return [];
    try {
      return sealer.sealBatch(this.#batch.plaintexts());
    } finally {
      this.clear();
    }
  }

  clear(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined || batch.size > maxKeptBytes || idle.length >= maxKept) return;
    batch.clear();
    idle.push(batch);
  }
}
