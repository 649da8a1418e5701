/** What a frame costs beside its bytes, whoever keeps it. */
const FRAME_COST = 64;

/**
 * Frames of one read, which are views of the chunks that came. Between them a chunk may hold what nobody counts, such as
 * thousands of pongs: where that is most of it the frames are copied, so that who keeps them keeps about what he counts.
 */
export function ownBytes(frames: Uint8Array[]): Uint8Array[] {
  let counted = 0;
  let kept = 0;
  let chunk: ArrayBufferLike | undefined;
  for (const { buffer, byteLength } of frames) {
    counted += byteLength + FRAME_COST;
    if (buffer === chunk) continue;
    chunk = buffer;
    kept += buffer.byteLength;
  }
  return kept <= 4 * counted ? frames : frames.map((frame) => frame.slice());
}
