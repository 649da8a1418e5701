import type { ClientState } from '@sealwire/store';
import { type ClientError, storeFailed } from './errors.js';

/** What the state keeps: the version of the construction that the server has proved. */
const pinned = Uint8Array.of(1);

/** Whether the server has ever proved itself with a bound challenge: then it has to, each time. */
export class Pin {
  readonly #state: ClientState;
  readonly #failed: (error: ClientError) => void;
  #set: boolean;
  #saving: Promise<void> | undefined;

  constructor(saved: Uint8Array | undefined, state: ClientState, failed: (error: ClientError) => void) {
    this.#set = saved !== undefined;
    this.#state = state;
    this.#failed = failed;
  }

  get set(): boolean {
    return this.#set;
  }

  /** A tag held. */
  keep(): void {
    if (this.#set) return;
    this.#set = true;
    this.#saving = this.#state.save({ pin: pinned });
    this.#saving.catch((cause) => this.#failed(storeFailed(cause)));
  }

  /** Before anything is signed: resolves when the pin is durable, if there is one to save; rejects with the state's error. */
  async saved(): Promise<void> {
    await this.#saving;
  }
}

/**
 * Lets the next client of this state accept a server without hardening again: after a change of the server that the
 * operator has confirmed by other means.
 */
export async function forgetPin(state: ClientState): Promise<void> {
  await state.save({ pin: null });
}
