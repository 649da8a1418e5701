import { type CheckpointAnswer, checkpointType } from '@sealwire/session';
import type { ServerStore } from '@sealwire/store';
import { BadPayload } from './payload.js';

/**
 * Answers `sealwire.Checkpoint`, which tells durable facts only: what is flushed as it is asked, all of one moment. What
 * is staged is not waited for: the messages of this session that came before it have had their time, and what others
 * have staged says nothing of this client. So the answer is true, however slow the disk is, and a later one says more.
 *
 * It names which SEQUENCE is durable, which messages after the confirmed one were refused, and up to where nobody can say
 * any more, because the store has forgotten refusals. Where the refusals do not fit an answer, it names a smaller
 * SEQUENCE, up to which it is complete.
 *
 * @throws BadPayload
 */
export async function checkpoint(
  store: ServerStore,
  clientId: string,
  payload: unknown,
  maxBytes: number,
): Promise<CheckpointAnswer> {
  const confirmed = confirmedOf(payload);
  const { lastSequence, refusals, removedUpTo } = await store.refusals(clientId, confirmed);
  const refused: { readonly sequence: string; readonly reason: string }[] = [];
  let completeUpTo = lastSequence;
  let bytes = frameBytes;
  for (const { sequence, reason } of refusals) {
    let refusal = { sequence: String(sequence), reason };
    // One that would not fit an answer of its own would be asked for over and over.
    if (frameBytes + sizeOf(refusal) > maxBytes) refusal = { ...refusal, reason: '' };
    bytes += sizeOf(refusal);
    if (bytes > maxBytes && refused.length > 0) {
      completeUpTo = sequence - 1n;
      break;
    }
    refused.push(refusal);
  }
  return {
    '@type': checkpointType,
    last_seen_sequence: String(completeUpTo),
    refused,
    ...(removedUpTo > confirmed && { unknown_up_to: String(removedUpTo) }),
  };
}

/** Of an answer without refusals, at most. */
const frameBytes = 128;

function sizeOf(refusal: CheckpointAnswer['refused'][number]): number {
  return Buffer.byteLength(JSON.stringify(refusal)) + 1;
}

function confirmedOf(payload: unknown): bigint {
  const confirmed =
    typeof payload === 'object' && payload !== null && 'confirmed' in payload ? payload.confirmed : undefined;
  if (typeof confirmed !== 'string' || !/^(-1|0|[1-9]\d{0,18})$/.test(confirmed)) {
    throw new BadPayload('confirmed: must be a SEQUENCE as a decimal string, "-1" for none');
  }
  return BigInt(confirmed);
}
