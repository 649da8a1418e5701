import type { Layout } from '@sealwire/framing';
import { SessionError } from '@sealwire/session';
import type { SessionCommits } from './session-commits.js';

/** What the store learns of a client's layout in one session, with `layout: 'auto'`. */
export class LayoutMemory {
  readonly #commits: SessionCommits;
  readonly #stored: Layout | undefined;
  #heardFrame = false;

  /** @param stored as the store knows it from an earlier session */
  constructor(commits: SessionCommits, stored: Layout | undefined) {
    this.#commits = commits;
    this.#stored = stored;
  }

  /** A frame was verified in the layout of the session. */
  heardFrame(): void {
    this.#heardFrame = true;
  }

  /** Stored with the next commit, which comes of a frame that was verified in this layout. */
  known(layout: Layout): void {
    if (layout !== this.#stored) this.#commits.rememberLayout(layout);
  }

  /** A client that has changed its layout since the store learnt it gets on again at the next try. */
  ended(error: Error): void {
    const unreadable = error instanceof SessionError && error.code === 'E_FRAME' && !this.#heardFrame;
    if (unreadable && this.#stored !== undefined) this.#commits.forgetLayout();
  }
}
