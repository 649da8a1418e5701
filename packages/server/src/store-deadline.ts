import type { Cancel } from '@sealwire/transport';
import { ServerError } from './errors.js';
import type { Settings } from './options.js';

/** What the store does for a handshake gets as long as the proof does: a store that hangs must not hold links for ever. */
export class StoreDeadline {
  readonly #settings: Settings;
  #over = false;
  #cancel: Cancel = () => {};

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /**
   * One thing at a time.
   *
   * @throws ServerError (as a rejection) `E_STORE`; what comes of it later is nobody's any more
   */
  async within<T>(promise: Promise<T>): Promise<T> {
    const { deadlines, scheduler } = this.#settings;
    const late = new Promise<never>((_, reject) => {
      if (this.#over) return;
      this.#cancel = scheduler.after(deadlines.proof, () =>
        reject(new ServerError('E_STORE', `the store did not answer within ${deadlines.proof} ms`)),
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      this.#cancel();
    }
  }

  /** The link is gone, and nobody waits for the store; no timer is left. */
  end(): void {
    this.#over = true;
    this.#cancel();
  }
}
