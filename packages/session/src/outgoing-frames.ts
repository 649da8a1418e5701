import { ServerFrameBatch } from '@sealwire/framing';

/** A batch that grew beyond this is let go of. */
const maxKeptBytes = 262_144;
/** Few sessions have something queued at the same moment, because most queue and flush in one go. */
const maxKept = 8;

/**
 * Batches that no session has anything in. They are lent from the first queued frame to the flush: a buffer in each
 * session would be most of what an idle one takes, and a new one for each flush is most of what a single frame takes.
 */
const idle: ServerFrameBatch[] = [];

export function borrowBatch(): ServerFrameBatch {
  return idle.pop() ?? new ServerFrameBatch();
}

/** Nothing that was read from it may be used after this. */
export function returnBatch(batch: ServerFrameBatch): void {
  if (batch.size > maxKeptBytes || idle.length >= maxKept) return;
  batch.clear();
  idle.push(batch);
}
