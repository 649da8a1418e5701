import { type CheckpointAnswer, checkpointType } from '@sealwire/session';
import type { ServerStore } from '@sealwire/store';
import { BadPayload } from './payload.js';

/**
 * Answers `sealwire.Checkpoint`: which SEQUENCE is durable, and which messages after the confirmed one were refused.
 * Where the refusals do not fit an answer, it names a smaller SEQUENCE, up to which it is complete.
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
  const { lastSequence } = await store.read(clientId);
  const refusals = await store.refusals(clientId, confirmed);
  const refused: { readonly sequence: string; readonly reason: string }[] = [];
  let bytes = 128;
  let last: bigint | undefined;
  for (const { sequence, reason } of refusals) {
    if (sequence > lastSequence) break;
    const refusal = { sequence: String(sequence), reason };
    bytes += Buffer.byteLength(JSON.stringify(refusal)) + 1;
    if (bytes > maxBytes) return answer(last ?? confirmed, refused);
    refused.push(refusal);
    last = sequence;
  }
  return answer(lastSequence, refused);
}

function answer(lastSequence: bigint, refused: CheckpointAnswer['refused']): CheckpointAnswer {
  return { '@type': checkpointType, last_seen_sequence: String(lastSequence), refused };
}

function confirmedOf(payload: unknown): bigint {
  const confirmed =
    typeof payload === 'object' && payload !== null && 'confirmed' in payload ? payload.confirmed : undefined;
  if (typeof confirmed !== 'string' || !/^(-1|0|[1-9]\d{0,18})$/.test(confirmed)) {
    throw new BadPayload('confirmed: must be a SEQUENCE as a decimal string, "-1" for none');
  }
  return BigInt(confirmed);
}
