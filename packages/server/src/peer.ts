import type { Layout } from '@sealwire/framing';
import type { PeerKey } from './decoys.js';
import { ServerError } from './errors.js';
import type { Shared } from './shared.js';
import type { StoreDeadline } from './store-deadline.js';

/** Who the hello claims to be; proved once `claim` is asked for. */
export interface Peer {
  readonly clientId: string;
  readonly publicKey: PeerKey;
  /** There is no such client, or its entry cannot be used: nothing it does is ever a proof. */
  readonly decoy: boolean;
  readonly requireHardening: boolean;
  readonly lastSeenOrder: bigint;
  /** The last SEQUENCE that is flushed. */
  readonly lastSequence: bigint;
  readonly layout: Layout | undefined;
  /** As the store knows it from an earlier session. */
  readonly storedLayout: Layout | undefined;
  /** Of the session that was there at the welcome. */
  readonly epoch: bigint;
}

/** Rejects where the store fails. What is wrong with the directory is reported, and its client is as good as unknown. */
export async function lookUp(
  shared: Shared,
  clientId: string,
  lastSeenOrder: bigint,
  deadline: StoreDeadline,
): Promise<Peer> {
  const { decoys, emit, keys, settings } = shared;
  // The store is asked for unknown clients too: the answer must not come faster for them.
  const [known, record] = await Promise.allSettled([
    keys.find(clientId),
    deadline.within(settings.store.read(clientId)),
  ]);
  if (record.status === 'rejected') throw record.reason;
  if (known.status === 'rejected') {
    emit({ type: 'directory-problem', source: clientId, error: known.reason });
  }
  const client = known.status === 'fulfilled' ? known.value : undefined;
  // Made for known clients too, for the same reason.
  const decoyKey = decoys.keyOf(clientId);
  const { epoch, lastSequence, layout } = record.value;
  const storedLayout = layout === 'documented' || layout === 'deployed' ? layout : undefined;
  return {
    clientId,
    publicKey: client?.publicKey ?? decoyKey,
    decoy: client === undefined,
    requireHardening: client?.requireHardening ?? false,
    lastSeenOrder,
    lastSequence,
    layout: client?.layout ?? storedLayout,
    storedLayout,
    epoch,
  };
}

/** Only the operator is told: to the peer it looks like any other client with another key. */
export function unknownClient(cause: Error | undefined): ServerError {
  const message = 'the client id is unknown, or its entry cannot be used';
  return new ServerError('E_UNKNOWN_CLIENT', message, { cause });
}
