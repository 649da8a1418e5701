/** Where a client stands: what watchers are told about. */
export interface Position {
  readonly head: bigint;
  readonly epoch: bigint;
}

interface Watcher {
  active: boolean;
  head: bigint;
  epoch: bigint;
  readonly onHead: (head: bigint) => void;
  readonly onClaim: ((epoch: bigint) => void) | undefined;
}

/** Tells listeners in a microtask of its own, several moves of one turn as one. */
export class Watchers {
  readonly #positionOf: (clientId: string) => Position;
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #moved = new Set<string>();

  constructor(positionOf: (clientId: string) => Position) {
    this.#positionOf = positionOf;
  }

  watch(clientId: string, onHead: Watcher['onHead'], onClaim: Watcher['onClaim']): () => void {
    const watcher: Watcher = { active: true, ...this.#positionOf(clientId), onHead, onClaim };
    const watchers = this.#watchers.get(clientId) ?? new Set();
    this.#watchers.set(clientId, watchers.add(watcher));
    return () => {
      watcher.active = false;
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(clientId) === watchers) this.#watchers.delete(clientId);
    };
  }

  has(clientId: string): boolean {
    return this.#watchers.has(clientId);
  }

  moved(clientId: string): void {
    if (!this.#watchers.has(clientId)) return;
    if (this.#moved.size === 0) queueMicrotask(() => this.#tell());
    this.#moved.add(clientId);
  }

  #tell(): void {
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const clientId of moved) {
      for (const watcher of [...(this.#watchers.get(clientId) ?? [])]) this.#tellOne(watcher, clientId);
    }
  }

  #tellOne(watcher: Watcher, clientId: string): void {
    const { head, epoch } = this.#positionOf(clientId);
    if (watcher.active && epoch > watcher.epoch) {
      watcher.epoch = epoch;
      if (watcher.onClaim) guarded(watcher.onClaim, epoch);
    }
    if (watcher.active && head > watcher.head) {
      watcher.head = head;
      guarded(watcher.onHead, head);
    }
  }
}

/** A listener that throws must neither stop the others nor be silenced. */
function guarded(listener: (value: bigint) => void, value: bigint): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
