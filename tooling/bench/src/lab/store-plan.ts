import { memoryServerStore, type ServerStore } from '@sealwire/store';
import { openLmdbStore } from '@sealwire/store-lmdb';

export type StorePlan =
  | { readonly kind: 'memory'; readonly maxEntriesPerClient?: number }
  | { readonly kind: 'lmdb'; readonly path: string; readonly maxEntriesPerClient?: number };

const GIB = 2 ** 30;

export async function openStore({ maxEntriesPerClient = 100_000, ...plan }: StorePlan): Promise<ServerStore> {
  if (plan.kind === 'memory') return memoryServerStore({ maxEntriesPerClient });
  return openLmdbStore(plan.path, {
    maxEntriesPerClient,
    maxBytesPerClient: 4 * GIB,
    maxTotalBytes: 8 * GIB,
    maxSize: 32 * GIB,
  });
}
