import type { LinkLimits } from './limits.js';

/** A peer of ours never fragments; proxies may, a little. */
const MAX_FRAGMENTS = 64;
/** A frame of 64 KiB that arrives byte by byte has as many chunks; each costs some 200 bytes of memory, so it takes 13 MiB. */
const MAX_BUFFERED_CHUNKS = 131_072;

/** Pings that wait for their pongs to be written; a peer that sends more at once is cut off. */
const MAX_PENDING_PONGS = 60;

/** The options of `ws` that are the same on both sides. */
export function wsOptions({ maxPayload, closeTimeout }: Required<LinkLimits>) {
  return {
    maxPayload,
    closeTimeout,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    perMessageDeflate: false,
    skipUTF8Validation: false,
    // All messages of one read come in one turn, which is what makes batches.
    allowSynchronousEvents: true,
    autoPong: true,
    maxPendingAutoPongs: MAX_PENDING_PONGS,
  };
}
