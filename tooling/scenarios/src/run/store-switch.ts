import {
  type ClaimOver,
  type Commit,
  type CommitReceipt,
  type ServerStore,
  StoreError,
} from '@sealwire/store';

/** How the disk below a server's store is: as always, slow to flush, or full. */
export class StoreSwitch {
  #held: (() => void)[] | undefined;
  #full = false;

  /** Nothing is flushed until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  fill(full: boolean): void {
    this.#full = full;
  }

  /** The store with this disk: what is not flushed has not happened for any reader, and a claim waits for it. */
  over(store: ServerStore): ServerStore {
    const commit = (work: Commit): CommitReceipt => this.#commit(store, work);
    const claim = async (clientId: string, over: ClaimOver) => {
      await this.#ready();
      return store.claim(clientId, over);
    };
    return new Proxy(store, {
      get(target, name) {
        if (name === 'commit') return commit;
        if (name === 'claim') return claim;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #commit(store: ServerStore, work: Commit): CommitReceipt {
    if (this.#full) {
      const failed = Promise.reject(new StoreError('E_DISK_FULL', 'the script filled the disk'));
      failed.catch(() => {});
      return { staged: failed, flushed: failed };
    }
    if (this.#held === undefined) return store.commit(work);
    const flushed = this.#ready().then(() => store.commit(work).flushed);
    flushed.catch(() => {});
    return { staged: Promise.resolve(), flushed };
  }

  async #ready(): Promise<void> {
    await new Promise<void>((resolve) =>
      this.#held === undefined ? resolve() : void this.#held.push(resolve),
    );
  }
}
