import type { ClientState, SavedClient } from '@sealwire/store';
import { type ClientError, storeFailed } from './errors.js';

/** Up to where messages were handled, and up to where they may have been: both are kept in the client's state. */
export class Cursor {
  readonly #state: ClientState;
  readonly #failed: (error: ClientError) => void;
  #handled: bigint;
  #saved: bigint;
  #saving: Promise<void> | undefined;
  #reserved: bigint;

  /** @param failed the state did, and nobody waits for it */
  constructor(saved: SavedClient, state: ClientState, failed: (error: ClientError) => void) {
    this.#state = state;
    this.#failed = failed;
    this.#handled = saved.savedOrder;
    this.#saved = saved.savedOrder;
    this.#reserved = saved.reservedOrder;
  }

  get reserved(): bigint {
    return this.#reserved;
  }

  /** Is something to be saved before this is handed over? */
  mustReserve(order: bigint): boolean {
    return order > this.#reserved || this.#begins;
  }

  /**
   * Before `order` is handed over, all that waits is reserved with one write, so that a busy line pays once for many. The
   * first write says where the line begins too: a restarted client that knew no position would take whatever is the
   * oldest then.
   *
   * @param last of what waits
   * @throws ClientError (as a rejection) `E_STORE`, which `failed` was told
   */
  async reserve(order: bigint, last: bigint): Promise<void> {
    const begins = this.#begins;
    const reservedOrder = last < this.#reserved ? this.#reserved : last;
    try {
      await this.#state.save({ reservedOrder, ...(begins && { savedOrder: order - 1n }) });
    } catch (cause) {
      const error = storeFailed(cause);
      this.#failed(error);
      throw error;
    }
    this.#reserved = reservedOrder;
    if (begins) this.#saved = order - 1n;
  }

  /** Everything up to `order` was: it is saved as soon as the save before is done. */
  handled(order: bigint): void {
    this.#handled = order;
    this.#saving ??= this.#save();
  }

  /**
   * Goes on behind `order`, wherever that is.
   *
   * @throws ClientError (as a rejection) `E_STORE`
   */
  async move(order: bigint): Promise<void> {
    this.#handled = order;
    await this.#saving;
    try {
      await this.#state.save({ savedOrder: order });
    } catch (cause) {
      throw storeFailed(cause);
    }
    this.#saved = order;
    if (this.#reserved < order) this.#reserved = order;
  }

  /** Resolves when what was handled is saved. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  get #begins(): boolean {
    return this.#saved < 0n;
  }

  /** One save at a time; the next one names the newest ORDER. */
  async #save(): Promise<void> {
    try {
      while (this.#saved < this.#handled) {
        const order = this.#handled;
        await this.#state.save({ savedOrder: order });
        this.#saved = order;
      }
    } catch (cause) {
      this.#failed(storeFailed(cause));
    } finally {
      this.#saving = undefined;
    }
  }
}
