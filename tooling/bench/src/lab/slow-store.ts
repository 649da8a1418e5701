import type { Commit, ServerStore } from '@sealwire/store';
import { now, sleep } from './time.js';

export interface SlowStore extends ServerStore {
  /** The most commits that waited for a flush at one time. */
  readonly mostWaiting: number;
  /** Milliseconds from commit to flush, the longest. */
  readonly longest: number;
}

/**
 * A store whose disk takes `flushMs` for each flush: what is committed meanwhile waits for the next one. What is not
 * flushed is not seen, as with any store.
 */
export function slowStore(inner: ServerStore, flushMs: number): SlowStore {
  const heads = new Map<string, bigint>();
  const lastSequences = new Map<string, bigint>();
  const watchers = new Map<string, Set<(head: bigint) => void>>();
  let waiting = 0;
  let mostWaiting = 0;
  let longest = 0;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  /** Of all that is committed before it begins. */
  function flush(): Promise<void> {
    next ??= (running ?? Promise.resolve()).then(async () => {
      running = next;
      next = undefined;
      await sleep(flushMs);
    });
    return next;
  }

  function show(publishes: Commit['publishes'] = [], orders: readonly bigint[]): void {
    const moved = new Map(publishes.map(({ clientId }, index) => [clientId, orders[index] ?? 0n]));
    for (const [clientId, head] of moved) {
      heads.set(clientId, head);
      for (const onHead of watchers.get(clientId) ?? []) onHead(head);
    }
  }

  async function staged(): Promise<void> {
    await (next ?? running);
  }

  return {
    get mostWaiting() {
      return mostWaiting;
    },
    get longest() {
      return longest;
    },
    commit(commit) {
      const began = now();
      const receipt = inner.commit(commit);
      waiting += 1;
      mostWaiting = Math.max(mostWaiting, waiting);
      const flushed = Promise.all([receipt.flushed, flush()]).then(([orders]) => {
        longest = Math.max(longest, now() - began);
        if (commit.session !== undefined && commit.sequence !== undefined) {
          lastSequences.set(commit.session.clientId, commit.sequence);
        }
        show(commit.publishes, orders);
        return orders;
      });
      void flushed.catch(() => {}).then(() => (waiting -= 1));
      return { staged: receipt.staged, flushed };
    },
    async read(clientId) {
      await staged();
      return inner.read(clientId);
    },
    claim: (clientId, over) => inner.claim(clientId, over),
    async readLog(clientId, after, limit) {
      const { entries, removedUpTo } = await inner.readLog(clientId, after, limit);
      const head = heads.get(clientId) ?? 0n;
      return { entries: entries.filter(({ order }) => order <= head), removedUpTo, head };
    },
    async refusals(clientId, after) {
      const { refusals, removedUpTo } = await inner.refusals(clientId, after);
      const lastSequence = lastSequences.get(clientId) ?? -1n;
      return {
        lastSequence,
        refusals: refusals.filter(({ sequence }) => sequence <= lastSequence),
        removedUpTo,
      };
    },
    watch(clientId, onHead, onClaim) {
      const mine = watchers.get(clientId) ?? new Set();
      watchers.set(clientId, mine.add(onHead));
      const stop = inner.watch(clientId, () => {}, onClaim);
      return () => {
        mine.delete(onHead);
        stop();
      };
    },
    async get(key) {
      await staged();
      return inner.get(key);
    },
    async list(query) {
      await staged();
      return inner.list(query);
    },
    async close() {
      await staged();
      await inner.close();
    },
  };
}
