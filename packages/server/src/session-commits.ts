import type { Layout } from '@sealwire/framing';
import type { Publish, Put, ServerStore } from '@sealwire/store';

/** What one handler of a session leaves behind. */
export interface Work {
  readonly sequence?: bigint;
  readonly refusal?: string;
  readonly publishes?: readonly Publish[];
  readonly puts?: readonly Put[];
}

/** Commits under the epoch of one session. */
export class SessionCommits {
  readonly #store: ServerStore;
  readonly #session: { readonly clientId: string; readonly epoch: bigint };
  #newLayout: Layout | undefined;

  constructor(store: ServerStore, clientId: string, epoch: bigint) {
    this.#store = store;
    this.#session = { clientId, epoch };
  }

  /** The client's frames have another layout than the store knows: it goes along with the next commit. */
  rememberLayout(layout: Layout): void {
    this.#newLayout = layout;
  }

  /** The stored layout is wrong: the next session finds it out anew. */
  forgetLayout(): void {
    this.#store.commit({ session: this.#session, layout: 'unknown' });
  }

  /**
   * Resolves when the work is staged, rejects with a StoreError where nothing was kept.
   *
   * @returns the flush, which the caller must watch
   */
  async stage(work: Work): Promise<{ readonly flushed: Promise<unknown> }> {
    const layout = this.#newLayout;
    this.#newLayout = undefined;
    const { staged, flushed } = this.#store.commit({
      session: this.#session,
      ...work,
      ...(layout === undefined ? {} : { layout }),
    });
    await staged;
    return { flushed };
  }
}

/** The `code` of a StoreError, whichever copy of the package made it. */
export function storeCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
